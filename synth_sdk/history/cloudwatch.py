"""Each run as data points of CloudWatch, at the time when it began, so that graphs and alarms can be made of them.

CloudWatch adds up what it is sent: send each window once.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from synth_sdk.core.errors import RequestError
from synth_sdk.history.aws import asked, session_and_options
from synth_sdk.history.entries import RUNNING, Entry
from synth_sdk.history.statistics import Figures

_AT_ONCE = 500  # data points in a request; CloudWatch takes 1,000 and 1 MB
_OLDEST = timedelta(days=14)  # that CloudWatch takes
_NAMESPACE = re.compile(r"(?!AWS/)[A-Za-z0-9._/#:-]{1,255}")


def publish(namespace: str, entries: Iterable[Entry], env: Mapping[str, str] | None = None) -> tuple[int, int]:
    """Send the runs of the last fourteen days that are over; how many were sent, and how many are too old for it. `env` has the credentials.

    RequestError for a namespace that can't be one, HistoryError when CloudWatch can't be reached or refuses.
    """
    if not _NAMESPACE.fullmatch(namespace):
        raise RequestError(f"namespace {namespace!r}: 1 to 255 letters, digits or ._/#:-, and not AWS/...; for example Synth")
    oldest, told = datetime.now(UTC) - _OLDEST, [entry for entry in entries if entry.status != RUNNING]
    fresh = [entry for entry in told if entry.started_at > oldest]
    points = (point for entry in fresh for point in data_points(entry))
    what = f"CloudWatch doesn't take the metrics of {namespace!r}"
    session, options = asked(what, session_and_options, service="cloudwatch", env=env)
    client = asked(what, session.client, service_name="cloudwatch", **options)
    try:
        while some := list(islice(points, _AT_ONCE)):
            asked(what, client.put_metric_data, Namespace=namespace, MetricData=some)
    finally:
        client.close()
    return len(fresh), len(told) - len(fresh)


def data_points(entry: Entry) -> Iterator[dict[str, Any]]:
    """What CloudWatch is told of one run."""
    figures = Figures()
    figures.add(entry)
    kind = {"Name": "Kind", "Value": entry.kind[:255] or "?"}
    status = {"Name": "Status", "Value": entry.status}
    at: dict[str, Any] = {"Timestamp": entry.started_at, "Dimensions": [kind]}
    yield {"MetricName": "Runs", "Value": 1, "Unit": "Count", "Timestamp": entry.started_at, "Dimensions": [kind, status]}
    yield {"MetricName": "Records", "Value": entry.records, "Unit": "Count", **at}
    yield {"MetricName": "ValidationFailures", "Value": figures.failures["schema"], "Unit": "Count", **at}
    yield {"MetricName": "ComplianceViolations", "Value": figures.violations, "Unit": "Count", **at}
    yield {"MetricName": "SpentUSD", "Value": figures.spent / 1_000_000, "Unit": "None", **at}
    for name, values, unit in (
        ("MillisecondsPer1000Records", figures.paces, "Milliseconds"),
        ("Uniqueness", figures.uniqueness, "None"),
        ("Validity", figures.validity, "None"),
    ):
        yield from ({"MetricName": name, "Value": value, "Unit": unit, **at} for value in values)
