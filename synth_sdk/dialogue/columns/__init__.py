"""Packs compiled to columns: a few hundred outlines played once with symbolic values, then rendered by the thousand."""
