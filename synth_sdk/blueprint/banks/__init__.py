"""Blueprints of kinds with banks of their own: whatever a kind declares in a schema is asked for in parts, pruned, and merged."""
