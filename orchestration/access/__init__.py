"""Who looked at what, who may, and what may leave."""
