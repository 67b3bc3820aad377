"""Records into databases, by URL: one transaction, verified before it is committed, and never loaded twice."""
