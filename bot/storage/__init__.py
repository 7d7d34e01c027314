"""All that the bot stores, in one SQL database: SQLite by default, or PostgreSQL."""
