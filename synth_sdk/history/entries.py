"""One run as it is remembered."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any, Self

from synth_sdk.core.models import Json

RUNNING, KILLED, LEFT = "running", "killed", "left"
STATUSES = ("success", "partial", "failed", "interrupted", KILLED, RUNNING)
FAILURES = ("request", "schema", "models", "budget", "output", "compliance", "interrupted", KILLED, LEFT, "other")
_SHORT_ID = 8  # characters of an id that are shown: enough to name one among thousands


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One run.

    `id` is the report's generation_id, `started_at` in UTC. `count` records were wanted, `records` delivered. `request` is what was asked
    for and `report` what happened, as JSON, bounded in size and without secrets (`history.bounds`). `schema_digest` tells the schema
    ("" if there was none), `document` is the schema itself unless it is huge. `failure` says what kept it from succeeding, in one word.
    A run that is going on has no `exit_code` yet.
    """

    id: str
    started_at: datetime
    kind: str
    count: int
    records: int
    status: str
    exit_code: int | None
    fingerprint: str
    seed: int
    request: dict[str, Any]
    report: dict[str, Any]
    schema_digest: str = ""
    document: Json | None = None
    failure: str = ""

    @property
    def short_id(self) -> str:
        return self.id[:_SHORT_ID]

    @property
    def milliseconds(self) -> float:
        """Wall time from the request to the delivery."""
        return float(self.report.get("execution_time_ms") or 0)

    @property
    def spent_usd(self) -> str:
        return str((self.report.get("cost") or {}).get("spent_usd") or "0")

    @property
    def output(self) -> str:
        return str(self.report.get("output_location") or self.request.get("output") or "")

    def to_dict(self) -> dict[str, Any]:
        """All of it, as JSON."""
        told = {field.name: getattr(self, field.name) for field in fields(self)}
        return told | {"started_at": stamp(self.started_at)}

    @classmethod
    def of_dict(cls, told: Mapping[str, Any]) -> Self:
        """The inverse of `to_dict`."""
        return cls(**{**told, "started_at": datetime.fromisoformat(told["started_at"])})

    def summary(self) -> dict[str, Any]:
        """What a list shows: all but report and schema, with the figures that one looks for first."""
        told = self.to_dict()
        del told["report"], told["document"]
        return told | {"seconds": self.milliseconds / 1000, "spent_usd": self.spent_usd, "output": self.output}


def stamp(moment: datetime) -> str:
    """A moment in UTC as text of one width, which sorts as time does."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def digest_of(document: Json) -> str:
    """16 hex digits that tell a schema: the same for equal documents, in whatever order their keys stand."""
    text = json.dumps(document, sort_keys=True, ensure_ascii=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
