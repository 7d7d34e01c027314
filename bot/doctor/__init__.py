"""``ringout-bot doctor``: checks of settings, accounts and database."""
