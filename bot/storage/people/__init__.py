"""People and workspaces in the database: accounts they connected, choices, installations."""
