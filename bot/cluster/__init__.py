"""One process among several on one database: heartbeat, shared budget, hand-over."""
