"""Reminders of calls, which wait for their time."""
