"""The workflow step "Place a call": asks its person, waits for the result, completes."""
