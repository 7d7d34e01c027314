"""Phone numbers: read, refused, compared, shown."""
