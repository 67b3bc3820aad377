"""Quality: what records are like, in sketches that merge; and how far they are from a sample."""
