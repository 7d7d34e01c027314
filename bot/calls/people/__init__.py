"""People: what they set, their phones and names, which workspace is theirs."""
