"""Bytes as received → text columns with the ordinal of each record. See README.md."""
