"""What every conversation must pass, whoever wrote it."""
