"""What a run gives back."""

from dataclasses import dataclass, field
from typing import Any

from synth_sdk.core.generators import Made
from synth_sdk.core.models import Json
from synth_sdk.core.money import format_usd
from synth_sdk.pipeline.report import Report


@dataclass(frozen=True, slots=True)
class Result:
    """`records` in order; `provenance` has one row for each of them; `report` says what happened and what it cost."""

    records: list[Any]
    report: Report
    provenance: list[dict[str, Json]] = field(default_factory=list)

    def save(self, path: str, format: str | None = None) -> str:  # the word that users know
        """Write the records to `path`, whole or not at all, in the format of its suffix. Returns the path."""
        from synth_sdk.client.delivery import open_output

        with open_output(path, format) as sink:
            for record in self.records:
                sink.write(plain(record))
            sink.commit()
        return path


def plain(record: Any) -> Json:
    """A record as plain JSON data: instances of a user's pydantic model become dicts."""
    return record.model_dump(mode="json") if hasattr(record, "model_dump") else record


def provenance_row(made: Made) -> dict[str, Json]:
    """One row of provenance, as it is published."""
    if made.provenance is None:
        raise ValueError(f"record {made.index} was not delivered: it has no provenance")
    told = made.provenance
    return {"origin": told.origin, "model": told.model, "cost_usd": format_usd(told.cost_micros), "attempts": told.attempts}
