"""The columnar engine: records a block at a time, as columns, where a schema can be compiled to that."""

from synth_sdk.engine.columns.compile import Compiler
from synth_sdk.engine.columns.engine import ColumnEngine
from synth_sdk.engine.columns.failure import NotColumnarError

__all__ = ["ColumnEngine", "Compiler", "NotColumnarError"]
