"""Batches in which some values were replaced: only the records, or the columns, that hold one are made anew."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from synth_sdk.core.batches import Batch, Change, LineBatch, MappableBatch, Records
from synth_sdk.core.models import Json

if TYPE_CHECKING:
    from synth_sdk.compliance.masking.keys import Key
    from synth_sdk.compliance.masking.methods import Mask
    from synth_sdk.compliance.scanning.scanner import Found

Steps = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Mended:
    """Implements `LineBatch`: `whole` with other records in some rows. The lines of the rest are copied as they are."""

    whole: LineBatch
    changed: Mapping[int, Json]

    def __len__(self) -> int:
        return len(self.whole)

    def records(self) -> Sequence[Json]:
        return [self.changed.get(row, record) for row, record in enumerate(self.whole.records())]

    def lines(self) -> bytes:
        from synth_sdk.schema.layout.json_text import one_line, to_text

        data, last = memoryview(self.whole.lines()), 0
        parts: list[bytes | memoryview] = []
        for row, start, stop in self._spans():
            parts += [data[last:start], f"{one_line(to_text(self.changed[row]))}\n".encode()]
            last = stop
        return b"".join([*parts, data[last:]])

    def changes(self) -> Iterator[tuple[Json, Json]]:
        """The records that were, and those in their place."""
        data = self.whole.lines()
        for row, start, stop in self._spans():
            yield json.loads(data[start:stop]), self.changed[row]

    def _spans(self) -> Iterator[tuple[int, int, int]]:
        """The rows that were changed, and where their lines begin and end."""
        from synth_sdk.compliance.scanning.prefilter import bounds_of

        bounds = bounds_of(self.whole.lines())
        return ((row, int(bounds[row]), int(bounds[row + 1])) for row in sorted(self.changed))


def masked(batch: Batch, masks: "Sequence[Mask]", key: "Key") -> Batch:
    """`batch` with its fields masked: by columns where it has such, each different value once."""
    if isinstance(batch, MappableBatch):
        for mask in masks:
            batch = batch.mapped(mask.target.steps, mask.changing(key))
        return batch
    return Records([_masked(record, masks, key) for record in batch.records()])


def _masked(record: Json, masks: "Sequence[Mask]", key: "Key") -> Json:
    for mask in masks:
        record = mask.apply(record, key)
    return record


def mended(batch: Batch, found: "Sequence[Found]", key: "Key") -> Batch:
    """`batch` with stand-ins for what was found in it; the same object where nothing has one."""
    if isinstance(batch, MappableBatch):
        return _by_columns(batch, found, key)
    from synth_sdk.compliance.scanning.replacing import replace_hits

    changed = {one.leaf.row: one.record[0] for one in [one for one in found if replace_hits(one, key)]}
    if not changed:
        return batch
    if isinstance(batch, LineBatch):
        return Mended(batch, changed)
    return Records([changed.get(row, record) for row, record in enumerate(batch.records())])


def _by_columns(batch: MappableBatch, found: "Sequence[Found]", key: "Key") -> Batch:
    """What a value is replaced by follows from it and its field's name: so one table for each field will do."""
    from synth_sdk.compliance.scanning.replacing import stand_in

    tables: dict[Steps, dict[tuple[type, Json], Json]] = {}
    rows: dict[Steps, list[int]] = {}
    for one in found:
        steps, value = one.leaf.steps, one.leaf.value
        table = tables.setdefault(steps, {})
        if (type(value), value) not in table:
            table[type(value), value] = stand_in(one, key)
        if table[type(value), value] is not None:
            rows.setdefault(steps, []).append(one.leaf.row)
    for steps, places in rows.items():
        batch = batch.mapped(steps, _by_table(tables[steps]), places)
    return batch


def _by_table(table: Mapping[tuple[type, Json], Json]) -> Change:
    """A value's entry in the table, which holds texts and whole numbers."""
    from synth_sdk.compliance.masking.paths import change

    def replaced(value: Json) -> Json:
        made = table.get((type(value), value)) if isinstance(value, str | int) else None
        return value if made is None else made

    return lambda value, steps: change(value, steps, replaced)
