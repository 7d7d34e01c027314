"""The assembly: the only folder that sees Slack, RingCentral and the calls at once."""
