"""When things happen: arrival processes whose n-th arrival is a function of (seed, n) alone (docs/events.md)."""
