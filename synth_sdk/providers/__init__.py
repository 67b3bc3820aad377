"""Wire format and credentials of each provider, one class a file. litellm and instructor load at the first real call only."""
