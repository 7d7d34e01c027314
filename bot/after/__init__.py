"""What came of a call: outcomes in people's words, notes, reminders."""
