"""The ways in: files from the inbox, JSON APIs. See README.md."""
