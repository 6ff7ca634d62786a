"""What taking a delivery in costs, beside what others take for the same file. See README.md."""
