"""Events that another system is still owed."""
