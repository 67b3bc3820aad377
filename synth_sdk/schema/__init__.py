"""Every schema dialect becomes one document: plain JSON Schema, checked, with a validator that never goes to the network."""

from synth_sdk.schema.documents import load_schema
from synth_sdk.schema.model import Schema
from synth_sdk.schema.parse import parse_schema

__all__ = ["Schema", "load_schema", "parse_schema"]
