"""Tells another system what becomes of calls: signed, with retries until it acknowledges."""
