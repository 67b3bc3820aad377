"""The course of a dialogue: its cast, its world, the flow; and records by number."""
