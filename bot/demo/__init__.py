"""``ringout-bot demo``: the bot between imitations, in a terminal or a browser."""
