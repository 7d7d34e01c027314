"""A workspace's own rules and its pause, its do-not-call list, and the audit."""
