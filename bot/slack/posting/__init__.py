"""What goes out to Slack: messages, edits, views, and who we are there."""
