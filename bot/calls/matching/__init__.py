"""Which record of the call log belongs to which call, and whether it may still change."""
