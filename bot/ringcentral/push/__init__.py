"""Events that RingCentral pushes: by webhook, or over a WebSocket."""
