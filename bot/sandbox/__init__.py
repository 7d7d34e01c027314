"""Imitations of the two outsiders, over real HTTP: for the demo and for the tests.

They know nothing of the bot: what it sends them has to be right by itself.
"""
