"""Sink = Format x Store: batches to bytes, bytes to a place; whole or not at all."""

from synth_sdk.sinks.formats import Encoder, Format, Keys, Shape, Writer, format_for
from synth_sdk.sinks.sink import Sink, TextFormat, open_sink, write_text
from synth_sdk.sinks.stores import Store

__all__ = ["Encoder", "Format", "Keys", "Shape", "Sink", "Store", "TextFormat", "Writer", "format_for", "open_sink", "write_text"]
