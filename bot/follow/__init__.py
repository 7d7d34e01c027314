"""Carrying calls from one state to the next: the hands of `bot.calls.following`."""
