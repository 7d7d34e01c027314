"""Calls in one SQL database: SQLite by default, PostgreSQL when told so."""
