"""The rules of lint, by what they look at. Each is a generator of findings over a compiled pack."""
