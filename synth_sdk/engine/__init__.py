"""Values from a schema, offline and seeded."""

from synth_sdk.engine.records import Engine

__all__ = ["Engine"]
