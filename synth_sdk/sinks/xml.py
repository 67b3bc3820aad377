"""XML: one root, an element for each record."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from synth_sdk.core.batches import Batch, ColumnBatch
from synth_sdk.core.errors import WriteError
from synth_sdk.schema.layout.datatypes import JSON, DataType
from synth_sdk.sinks.documents import Document
from synth_sdk.sinks.elements import XSI, Tag, element, tag
from synth_sdk.sinks.formats import Shape

if TYPE_CHECKING:
    from synth_sdk.schema.layout import Layout

_HEAD = f'<?xml version="1.0" encoding="UTF-8"?>\n<records xmlns:xsi="{XSI}">\n'.encode()
_TAIL = b"</records>\n"


@dataclass(frozen=True, slots=True)
class XmlEncoder:
    """`by_columns`: columns tell all that records would."""

    layout: "Layout"
    tag: Tag
    by_columns: bool

    def encode(self, batch: Batch, start: int) -> bytes:
        if self.by_columns and isinstance(batch, ColumnBatch) and len(batch):
            return self._columns(batch, start)
        lines = []
        for place, record in enumerate(batch.records(), start + 1):
            try:
                lines.append(element(record, self.layout.type, self.tag))
            except (TypeError, ValueError, RecursionError) as error:
                raise WriteError(f"record {place} can't be written as XML: {error}") from error
        return "\n".join([*lines, ""]).encode("utf-8")

    def _columns(self, batch: Batch, start: int) -> bytes:
        from synth_sdk.schema.layout.text_columns import joined, to_bytes
        from synth_sdk.sinks.xml_columns import elements

        table = self.layout.as_text(self.layout.arrange(batch, start))
        return to_bytes(joined(f"{self.tag.start}>", *map(elements, table.columns, self.layout.columns), f"{self.tag.end}\n"))

    def open(self, stream: BinaryIO) -> Document:
        return Document(stream, head=_HEAD, tail=_TAIL, empty=_HEAD + _TAIL)


class XmlFormat:
    """`.xml`: root `records`, an element for each record, property and item (docs/formats.md)."""

    name = "xml"
    suffixes = (".xml",)

    def encoder(self, shape: Shape) -> XmlEncoder:
        from synth_sdk.schema.layout import Layout

        layout = Layout.of(shape.schema)
        by_columns = not layout.wrapped and layout.rest is None and _is_definite(layout.type)
        return XmlEncoder(layout, tag(shape.name), by_columns)


def _is_definite(type: DataType) -> bool:
    """Do columns tell everything: is a null in them either always null or always absent?"""
    if type.kind == "array":
        return _is_definite(type.item or JSON)
    return all(not (field.optional and field.type.nullable) and _is_definite(field.type) for field in type.fields)
