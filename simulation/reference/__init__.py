"""Reference seeds of one city, built from published lists. See README.md of this folder."""
