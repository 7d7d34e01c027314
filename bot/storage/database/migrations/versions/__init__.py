"""A file for each of `bot.storage.database.migrations.REVISIONS`."""
