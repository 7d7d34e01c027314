"""Calls for other programs: exported as CSV or JSON Lines."""
