"""The database itself: one writer thread, locks, signals between processes, revisions."""
