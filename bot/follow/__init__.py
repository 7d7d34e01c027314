"""Carries out what `bot.calls.following` decides: places calls, follows and reports them."""
