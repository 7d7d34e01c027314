"""What processes that share a database know of one another."""
