"""Who may call whom, when and how much: one pure function over values."""
