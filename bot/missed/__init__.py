"""Tells of missed calls, in channels and in people's DMs, and who calls back."""
