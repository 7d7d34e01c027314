"""Sums over calls, and calls for other programs: exported as CSV or JSON Lines."""
