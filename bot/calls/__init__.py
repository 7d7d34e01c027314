"""A call: its states, its waits, what becomes of it next. Pure values and decisions, no I/O.

The folders hold what it is made of: what was typed, numbers, people, sessions, the call
log.
"""
