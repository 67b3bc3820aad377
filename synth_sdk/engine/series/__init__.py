"""Time series as numpy columns: level, seasons, calendar, noise, regimes, anomalies. Every value is a pure function of (seed, entity, tick)."""
