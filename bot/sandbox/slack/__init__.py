"""A Slack of our own, over real HTTP and WebSocket."""
