"""The double of Slack, over real HTTP and WebSocket."""
