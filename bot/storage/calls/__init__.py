"""Calls as rows: stored, claimed, changed by compare-and-set."""
