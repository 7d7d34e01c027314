"""Slack workspaces: which are served, and how one installs the app."""
