"""A farm of simulated providers on a virtual clock, and what the router and its rivals make of it.

`python -m benchmarks.provider_farm` prints a table for each scenario. The router, its ledger, batching and checks are those of
production; what is simulated are the providers (`provider`), whose truth is in `farm` and `arms`, and time (`virtual_time`).
"""
