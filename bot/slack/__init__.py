"""Slack's side: what people type and press, what they read, how it is posted."""
