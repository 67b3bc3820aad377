"""Shapes of text: the words for them, what can be asked of them, and those of regular expressions."""
