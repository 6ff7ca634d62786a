"""Everything that follows from the contracts and is kept in the repo. See README.md."""
