"""Lists of calls: what is asked for, and which calls of the log are shown."""
