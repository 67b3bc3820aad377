"""Compliance: what laws and standards forbid in records, found in schemas, kept out of what is made, searched for in what was made."""
