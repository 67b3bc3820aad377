"""What Faker knows: its corpora as grammars, traced from its own methods, and its methods themselves where they don't trace."""
