"""`trajectory`: graphs of what agents did, by pattern, with labelled anomalies (docs/trajectories.md)."""
