"""`events`: who did what when, as a log has it (docs/events.md)."""
