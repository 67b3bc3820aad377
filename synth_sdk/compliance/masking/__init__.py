"""What takes the place of values: keyed, so that the same value gets the same one everywhere."""
