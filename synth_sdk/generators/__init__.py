"""Kinds of record: what to make offline, what to ask of a model, what counts as too alike."""
