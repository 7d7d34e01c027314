"""The Slack workspaces that the bot serves, and how the app is installed there."""
