"""Tells another system what becomes of calls: signed, and again until it has heard."""
