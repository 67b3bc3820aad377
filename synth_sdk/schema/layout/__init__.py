"""The Arrow columns of a schema: how records become columns, and columns become records."""

from synth_sdk.schema.layout.flat import Flat
from synth_sdk.schema.layout.model import Layout

__all__ = ["Flat", "Layout"]
