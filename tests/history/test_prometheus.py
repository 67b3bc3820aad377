"""The text for Prometheus, read back by its own parser."""

import sys

import pytest

from synth_sdk.core.errors import OutputError, RequestError
from synth_sdk.history.prometheus import exposition, write_exposition
from tests.history.support import entry, report

parser = pytest.importorskip("prometheus_client.parser", reason="prometheus-client is not installed")

RUNS = [
    entry(1, records=1000, report=report(100, "0.25")),
    entry(2, records=1000, report=report(300, uniqueness=0.5)),
    entry(3, kind='a"b\\c\nd', status="failed", records=0, exit_code=2, failure="schema", report={}),
    entry(
        4, status="partial", records=500, report=report(50, compliance={"findings": [{"severity": "error", "action": "none"}]})
    ),
]


def samples(text):
    families = list(parser.text_string_to_metric_families(text))
    return {(one.name, *sorted(one.labels.items())): one.value for family in families for one in family.samples}


def test_figures_come_back():
    told = samples(exposition(RUNS))
    kind, odd = ("kind", "user_profile"), ("kind", 'a"b\\c\nd')
    assert told["synth_runs_total", kind, ("status", "success")] == 2
    assert told["synth_runs_total", kind, ("status", "partial")] == 1
    assert told["synth_runs_total", odd, ("status", "failed")] == 1
    assert told["synth_records_total", kind] == 2500
    assert told["synth_spent_usd_total", kind] == 0.25
    assert (told["synth_validation_failures_total", odd], told["synth_validation_failures_total", kind]) == (1, 0)
    assert told["synth_compliance_violations_total", kind] == 1
    assert told["synth_seconds_per_1000_records", kind, ("quantile", "0.5")] == 0.1
    assert told["synth_seconds_per_1000_records_count", kind] == 3
    assert told["synth_seconds_per_1000_records_sum", kind] == pytest.approx(0.5)
    assert told["synth_uniqueness", kind] == pytest.approx(2.5 / 3)
    assert ("synth_uniqueness", odd) not in told


def test_what_goes_on_is_no_count():
    """A counter may not go back."""
    running = entry(5, status="running", records=0, exit_code=None, report={})
    killed = entry(6, status="killed", records=0, exit_code=137, failure="killed", report={})
    told, kind = samples(exposition([*RUNS, running, killed])), ("kind", "user_profile")
    assert (told["synth_runs_running", kind], told["synth_runs_running", ("kind", 'a"b\\c\nd')]) == (1, 0)
    assert told["synth_runs_total", kind, ("status", "killed")] == 1
    assert ("synth_runs_total", kind, ("status", "running")) not in told


def test_no_runs_are_a_text_too():
    assert samples(exposition([])) == {}


def test_a_file_is_written_whole(tmp_path):
    write_exposition(str(tmp_path / "synth.prom"), RUNS)
    assert [path.name for path in tmp_path.iterdir()] == ["synth.prom"]
    assert samples((tmp_path / "synth.prom").read_text()) == samples(exposition(RUNS))
    with pytest.raises(OutputError, match=r"there is no folder"):
        write_exposition(str(tmp_path / "none" / "synth.prom"), RUNS)


def test_without_the_library(monkeypatch):
    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    with pytest.raises(RequestError, match=r"pip install 'synth-data-sdk\[prometheus\]'"):
        exposition(RUNS)
