"""A RingCentral of our own, over real HTTP."""
