"""History: every run that was made, kept for questions; and what was made last time for a schema like this."""
