"""Calls, numbers, legs and results: pure values and decisions, no I/O."""
