"""What a person typed, taken apart: the command's words, and the text around a number."""
