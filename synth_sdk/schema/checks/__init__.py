"""What can be wrong with one place of a schema, judged by reading alone. Each module is one kind of doubt."""
