"""A folder for each pack."""
