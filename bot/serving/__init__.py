"""The HTTP server for operators and browsers."""
