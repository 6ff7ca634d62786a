"""Text columns → typed columns and the rules each row breaks. See README.md."""
