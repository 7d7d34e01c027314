"""What the operator sets: declared once, read once at the start, checked as a whole."""
