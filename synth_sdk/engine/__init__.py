"""Values from a schema, offline and seeded."""

from synth_sdk.engine.engine import Engine

__all__ = ["Engine"]
