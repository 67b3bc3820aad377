"""What a value must be: subschemas merged into flat facts, judged by the validators."""
