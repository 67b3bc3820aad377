"""Stores that keep records by meaning: one file each, chosen by name."""
