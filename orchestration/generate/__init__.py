"""Generated pages that need more than the contracts. See README.md."""
