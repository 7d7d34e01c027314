"""``ringout-bot demo``: the bot between two doubles, in a terminal or a browser."""
