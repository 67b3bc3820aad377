"""Whole packs from a description: a fixed course of talk about things with numbers, whose subject, rules and words a model writes."""
