"""What the operator sets: read once from the environment, checked as a whole."""
