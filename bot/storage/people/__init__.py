"""People and workspaces as rows: who connected, who chose what, where the app is installed."""
