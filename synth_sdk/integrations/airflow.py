"""Airflow: records made by a task of a DAG. Needs the extra `airflow` (the task SDK), or Airflow itself.

A wish that is wrong fails its task without retries; anything else is Airflow's to try again. A task that is tried again pays for nothing
twice: a run that was killed goes on where it was.
"""

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any, ClassVar

from synth_sdk.client import Synth
from synth_sdk.core.errors import RequestError, SynthError

try:
    _sdk: Any = import_module("airflow.sdk")
    _FailWithoutRetry: Any = import_module("airflow.sdk.exceptions").AirflowFailException
except ImportError as error:
    raise ImportError(
        "synth_sdk.integrations.airflow needs Airflow 3.1 or later: pip install 'synth-data-sdk[airflow]'"
    ) from error


class SynthOperator(_sdk.BaseOperator):  # type: ignore[misc]
    """Writes records of `kind` to `destination`, whole or not at all, and returns the report (as a mapping, so that XCom can hold it).

    `wish` holds options as in `Synth.write`: count, seed, schema, format, budget. `kind`, `destination`, `wish` and `config` are templates. Fewer
    records than wanted fail the task unless `accept_partial`; those that were made are delivered either way.
    """

    template_fields: ClassVar[Sequence[str]] = ("kind", "destination", "wish", "config")
    ui_color = "#dbe9d8"

    def __init__(
        self,
        *,
        destination: str,
        kind: str = "conversation",
        wish: Mapping[str, Any] | None = None,
        config: str | None = None,
        accept_partial: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.destination, self.kind, self.config = destination, kind, config
        self.wish = dict(wish or {})
        self.accept_partial = accept_partial

    def execute(self, context: Any) -> dict[str, Any]:
        """Make the records; returns the report."""
        try:
            report = Synth(config=self.config).write(self.destination, self.kind, **_numbers(self.wish))
        except RequestError as error:
            raise _FailWithoutRetry(error.message) from error
        if report.status == "failed" or (report.status == "partial" and not self.accept_partial):
            raise SynthError(f"{report.records_generated} of {report.records_wanted} records: {'; '.join(report.errors)}")
        return report.to_dict()


def _numbers(wish: Mapping[str, Any]) -> dict[str, Any]:
    """`wish` with the numbers that a template left as text."""
    whole = ("count", "seed", "workers", "concurrency", "records_per_call", "rows_per_shard")
    return {
        name: int(value) if name in whole and isinstance(value, str) and value.lstrip("-").isdigit() else value
        for name, value in wish.items()
    }
