"""Measurements: not part of the tests. README.md tells how to run and read them."""
