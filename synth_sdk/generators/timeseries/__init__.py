"""`timeseries`: samples at a fixed rate, of one series or several, of one entity or many (docs/timeseries.md)."""
