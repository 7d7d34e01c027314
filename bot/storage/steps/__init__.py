"""Workflow steps that wait for a person, or for their call to end."""
