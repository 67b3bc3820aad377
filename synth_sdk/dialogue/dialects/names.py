"""The names of the dialects."""

EXPORTS = ("openai", "trl", "sharegpt", "bedrock", "anthropic")
DIALECTS = ("synth", *EXPORTS)  # synth: the record as it is made, with its id and labels
