"""What operators see of a running bot: log lines, metrics, traces."""
