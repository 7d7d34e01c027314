"""The database's shape, revision by revision; Alembic runs them.

A revision only adds: a program of the revision before works on the new shape, so that
several processes can be replaced one after the other with calls in flight.
"""
