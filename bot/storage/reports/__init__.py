"""Which digests were posted, and when the next ones are due."""
