"""Calls in the database: added, claimed by lease, changed by compare-and-set."""
