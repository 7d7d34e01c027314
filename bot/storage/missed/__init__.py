"""Missed calls: how far each call log was read, and the cards that tell of them."""
