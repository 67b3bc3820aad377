"""The figures of a window, by their definitions; and that those of two windows merge."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth_sdk.history.statistics import Figures, percentile, statistics
from tests.history.support import ENTRIES, entry, report

FINDING = {"rule": "gdpr/4-email", "severity": "error", "action": "none", "field": "email"}


def test_what_each_figure_is():
    told = statistics(
        [
            entry(1, records=1000, report=report(100, "0.0312", 0.9, 1.0)),
            entry(2, records=500, status="partial", exit_code=3, failure="budget", report=report(200, "0.50", 0.8, 0.5)),
            entry(3, records=0, status="failed", exit_code=1, failure="models", report=report(900)),
            entry(4, records=0, status="failed", exit_code=2, failure="schema", report={}, schema_digest="aa"),
            entry(5, records=10, schema_digest="bb", report=report(1)),
            entry(6, records=0, status="interrupted", exit_code=130, failure="interrupted", report={}),
        ]
    )
    assert (told["runs"], told["records"], told["spent_usd"], told["saved_usd"]) == (6, 1510, "0.5312", "0")
    assert told["statuses"] == {"success": 2, "partial": 1, "failed": 2, "interrupted": 1, "killed": 0, "running": 0}
    assert told["failures"] == {"budget": 1, "interrupted": 1, "models": 1, "schema": 1}
    assert told["success_rate"] == pytest.approx(2 / 5)  # the refused one was never begun
    assert told["schema_failure_rate"] == pytest.approx(1 / 2)
    assert told["ms_per_1000_records"] == {"mean": 200.0, "p50": 100.0, "p95": 370.0}
    assert told["quality"] == {"uniqueness": pytest.approx(0.9), "validity": pytest.approx(2.5 / 3, abs=1e-6)}
    assert (told["from"], told["to"]) == ("2025-06-01T12:01:00+00:00", "2025-06-01T12:06:00+00:00")


def test_what_was_killed_failed_and_what_goes_on_or_was_left_did_neither():
    told = statistics(
        [
            entry(1),
            entry(2, records=0, status="killed", exit_code=137, failure="killed", report={}),
            entry(3, records=0, status="running", exit_code=None, report={"execution_time_ms": 10}),
            entry(4, records=5, status="partial", exit_code=3, failure="left", report=report(9000)),
        ]
    )
    assert (told["runs"], told["success_rate"], told["records"]) == (4, 0.5, 105)
    assert told["failures"] == {"killed": 1, "left": 1}
    assert told["ms_per_1000_records"]["mean"] == 500  # a reader took the time of the last one


def test_compliance():
    clean = {"frameworks": ["GDPR"], "findings": [{**FINDING, "action": "masked"}, {**FINDING, "severity": "warning"}]}
    told = statistics(
        [
            entry(1, report=report(compliance=clean)),
            entry(2, report=report(compliance={"findings": [FINDING, FINDING]})),
            entry(3, request={"compliance": ["GDPR"]}, status="failed", exit_code=2, failure="compliance"),
            entry(4),
        ]
    )
    assert (told["compliance_runs"], told["compliance_violations"]) == (3, 2)
    assert told["compliance_violation_rate"] == pytest.approx(2 / 3, abs=1e-6)


def test_of_nothing_nothing_is_known():
    told = statistics([])
    assert (told["runs"], told["success_rate"], told["by_kind"]) == (0, None, {})
    assert told["ms_per_1000_records"] == {"mean": None, "p50": None, "p95": None}


def test_by_kind_and_by_day():
    told = statistics([entry(1, kind="text"), entry(2), entry(60 * 13)])
    assert {kind: one["runs"] for kind, one in told["by_kind"].items()} == {"text": 1, "user_profile": 2}
    assert {day: one["runs"] for day, one in told["by_day"].items()} == {"2025-06-01": 2, "2025-06-02": 1}


def test_runs_at_a_pace_say_nothing_of_speed():
    assert statistics([entry(1, request={"stream": True})])["ms_per_1000_records"]["mean"] is None


@given(st.lists(ENTRIES, max_size=6), st.lists(ENTRIES, max_size=6))
def test_windows_merge(some, others):
    def figures(entries):
        found = Figures()
        for one in entries:
            found.add(one)
        return found

    merged = figures(some)
    merged.merge(figures(others))
    assert merged.to_dict() == figures([*others, *some]).to_dict()
    assert merged.runs == len(some) + len(others)


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=30), st.floats(0, 1))
def test_percentiles_are_numpys(values, share):
    import numpy as np

    assert percentile(values, share) == pytest.approx(float(np.quantile(values, share)), abs=1e-3, rel=1e-6)
