"""The documentation site: dictionary, lineage, and the words of `docs/`. See README.md."""
