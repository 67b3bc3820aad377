"""What a run gives back."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property
from importlib import import_module
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, cast

from synth_sdk.core.batches import Batch
from synth_sdk.core.errors import RequestError
from synth_sdk.core.generators import Provenance
from synth_sdk.core.models import Json
from synth_sdk.core.money import format_usd
from synth_sdk.core.spec import Spec
from synth_sdk.pipeline.blocks import Block
from synth_sdk.pipeline.inspection import Inspected
from synth_sdk.pipeline.report import Report
from synth_sdk.sinks import Shape, format_for, open_sink
from synth_sdk.sinks.destinations import names_destination

if TYPE_CHECKING:
    import datasets
    import networkx as nx
    import pandas as pd
    import polars as pl
    import pyarrow as pa


class Result:
    """The records of one run, in order, and its `report`: what happened and what it cost.

    Records are held as they were made (columns stay columns); what is saved or exported is what was made, also where `records` gives
    instances of a user's model.
    """

    def __init__(self, spec: Spec, schema: Json, blocks: Sequence[Block], report: Report, make: Callable[[Any], Any]) -> None:
        self.report = report
        self._spec, self._schema = spec, schema
        self._blocks, self._make = blocks, make

    @cached_property
    def records(self) -> list[Any]:
        """The records as Python values, or as instances of the pydantic model that was asked for. Made when first looked at."""
        return [self._make(record) for batch in self.batches for record in batch.records()]

    @property
    def tables(self) -> dict[str, list[Any]]:
        """The rows of each table of a relational set; nothing otherwise."""
        return {}

    @cached_property
    def provenance(self) -> list[dict[str, Json]]:
        """One row for each record: where it came from, what it cost."""
        return [provenance_row(source) for block in self._blocks for source in block.sources()]

    def save(self, path: str, format: str | None = None) -> str:  # the word that users know
        """Write the records to `path`, whole or not at all, in the format of its suffix. Returns the path."""
        with open_sink(path, format_for(path, format), shape_for(self._spec, self._schema, path)) as sink:
            for batch in self.batches:
                sink.take(batch)
            sink.commit()
        return path

    def to_arrow(self) -> "pa.Table":
        """An Arrow table with a column for each property (records that are no objects: one column `value`)."""
        import pyarrow as pa

        from synth_sdk.schema.layout import Layout

        layout = Layout.of(self._schema)
        parts = [layout.arrange(batch) for batch in self.batches if len(batch)]
        return pa.Table.from_batches(parts, layout.schema)

    def to_pandas(self) -> "pd.DataFrame":
        """A pandas data frame (needs the extra `pandas`)."""
        _need("pandas")
        return self.to_arrow().to_pandas()

    def to_polars(self) -> "pl.DataFrame":
        """A polars data frame (needs the extra `polars`)."""
        return cast("pl.DataFrame", _need("polars").from_arrow(self.to_arrow()))

    def to_hf(self) -> "datasets.Dataset":
        """A Hugging Face `datasets.Dataset` (needs the extra `hf`)."""
        fingerprint = (
            f"{self._spec.fingerprint}{self.report.manifest['row_digest']}"  # else the library pickles the table for one
        )
        return cast("datasets.Dataset", _need("datasets", "hf").Dataset(self.to_arrow(), fingerprint=fingerprint))

    def to_networkx(self) -> "list[nx.DiGraph[str]]":
        """A networkx graph for each trajectory (needs the extra `graphs`)."""
        from synth_sdk.client.graphs import to_networkx

        if self._spec.kind != "trajectory":
            raise RequestError(f"to_networkx() is for trajectories: these records are of kind {self._spec.kind!r}")
        return [to_networkx(record) for record in self.records]

    @property
    def batches(self) -> list[Batch]:
        """The records as they were made."""
        return [cast(Batch, block.content) for block in self._blocks]


def kept(block: Block) -> Block:
    """What of a block stays in memory: what was found of it is in the report."""
    return replace(block, known=Inspected())


def shape_for(spec: Spec, schema: Json, output: str | None) -> Shape:
    """What formats with tables or elements need to know: the records' schema, their name (of the file, else the kind) and the SQL."""
    stem = "" if names_destination(output) else PurePath(output or "").name.split(".")[0]
    return Shape(schema=schema, name=spec.table or stem.strip("-") or spec.kind, dialect=spec.sql_dialect)


def provenance_row(source: Provenance) -> dict[str, Json]:
    """One row of provenance, as it is published."""
    return {
        "origin": source.origin,
        "model": source.model,
        "cost_usd": format_usd(source.cost_micros),
        "attempts": source.attempts,
    }


def _need(module: str, extra: str = "") -> Any:
    try:
        return import_module(module)
    except ImportError as error:
        told = f'to_{extra or module}() needs {module}: install it with pip install "synth-data-sdk[{extra or module}]"'
        raise RequestError(told) from error
