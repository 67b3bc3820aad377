"""One pass over records: make them in blocks, measure them, tell what happened."""
