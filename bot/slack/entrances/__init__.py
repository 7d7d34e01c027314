"""What comes in from Slack: commands, buttons, forms, events, and how they arrive."""
