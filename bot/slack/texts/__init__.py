"""Every word that people read in Slack, as pure functions from values to Block Kit."""
