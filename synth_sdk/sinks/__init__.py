"""Sink = Format x Store: records to bytes, bytes to a place; whole or not at all."""

from synth_sdk.sinks.formats import Format, Writer, format_for
from synth_sdk.sinks.sink import Sink, TextFormat, open_sink, write_text
from synth_sdk.sinks.stores import Store

__all__ = ["Format", "Sink", "Store", "TextFormat", "Writer", "format_for", "open_sink", "write_text"]
