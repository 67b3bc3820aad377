"""A kind of record that is quick to make, as Python values and as columns."""

import json
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from synth_sdk.core.batches import Records
from synth_sdk.core.measures import FieldMeasure, Measures, exact_total


class Numbers:
    """Records `{n}`: the row's number."""

    kind = "numbers"
    constraint_keys = frozenset()
    record_schema = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"], "additionalProperties": False}
    rows_per_batch = 100

    def batch(self, rows):
        return Records([{"n": row} for row in rows])

    def request(self, index, retry):
        return None

    def said(self, record):
        return None

    def features(self, record):
        return record


class ColumnNumbers(Numbers):
    """The same as columns."""

    def batch(self, rows):
        return NumberColumns(np.arange(rows.start, rows.stop))


@dataclass(frozen=True)
class NumberColumns:
    n: np.ndarray

    def __len__(self):
        return len(self.n)

    def records(self):
        return [{"n": number} for number in self.n.tolist()]

    def lines(self):
        return "".join(f'{{"n":{number}}}\n' for number in self.n.tolist()).encode()

    def arrow(self):
        return pa.RecordBatch.from_arrays([pa.array(self.n)], ["n"])

    def measures(self):
        digests = np.array([digest_of(record) for record in self.records()], dtype=np.uint64)
        low, high = int(self.n.min()), int(self.n.max())
        return Measures.of_columns(
            len(self), digests, {"n": FieldMeasure.of_numbers(len(self), 0, len(self), exact_total(self.n), low, high)}
        )


def digest_of(record):
    told = Measures()
    told.add(record, {})
    return told.content


def lines(data):
    return [json.loads(line) for line in data.splitlines()]
