"""The verbs: what people can do; each checks who asks."""
