"""`tool_call`: calls of tools, grounded in a request, with labelled negatives (docs/tool-calls.md)."""
