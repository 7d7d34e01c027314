"""What people can do, as methods; each checks who asks."""
