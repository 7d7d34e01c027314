"""What processes that share a database store for each other."""
