"""What a schema needs to know about data, gathered in one pass and in bounded memory."""
