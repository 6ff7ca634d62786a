"""Page specifications compiled to Superset's native bundle, deployed through its REST API."""
