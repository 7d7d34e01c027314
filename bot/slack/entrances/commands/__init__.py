"""What each command does with the words that a person typed after it."""
