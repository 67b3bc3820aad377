"""Prefect's own engine and a server of its own, on loopback and in a temporary database."""

import json
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from synth_sdk.core.errors import RequestError, SynthError

pytestmark = pytest.mark.skipif(
    find_spec("prefect") is None, reason="prefect is not installed: .ci/run has a virtual environment for it"
)


@pytest.fixture(scope="module")
def harness():
    from prefect.testing.utilities import prefect_test_harness

    with prefect_test_harness(server_startup_timeout=120):
        yield


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_tasks_in_a_flow_of_ones_own(harness, folder):
    from prefect import flow

    from synth_sdk.integrations.prefect import generate_records, write_records

    @flow
    def both():
        records = generate_records("user_profile", count=6, seed=3)
        report = write_records("users.jsonl", "user_profile", count=6, seed=3)
        return records, report

    records, report = both()
    assert [json.loads(line) for line in (folder / "users.jsonl").read_text().splitlines()] == records
    assert (report["status"], report["records_generated"]) == ("success", 6)


def test_a_flow_of_jobs(harness, folder):
    from synth_sdk.integrations.prefect import make_flow

    jobs = {"users.jsonl": {"kind": "user_profile", "count": 5}, "texts.jsonl": {"kind": "text", "count": 4}}
    nightly = make_flow("nightly", jobs)
    reports = nightly()
    assert nightly.name == "nightly"
    assert {output: report["records_generated"] for output, report in reports.items()} == {"users.jsonl": 5, "texts.jsonl": 4}
    assert sorted(path.name for path in folder.iterdir()) == ["texts.jsonl", "users.jsonl"]
    state = nightly(return_state=True)
    assert state.is_completed()


def test_a_job_that_is_wrong_fails_the_flow_and_leaves_nothing(harness, folder):
    from synth_sdk.integrations.prefect import make_flow

    state = make_flow("wrong", {"users.jsonl": {"kind": "user_profle", "count": 5}})(return_state=True)
    assert state.is_failed()
    with pytest.raises(RequestError, match="did you mean user_profile"):
        state.result()
    assert list(folder.iterdir()) == []
    with pytest.raises(RequestError, match="its wish names no kind"):
        make_flow("wrong", {"users.jsonl": {"count": 5}})


def test_a_run_without_a_record_fails_its_task(harness, folder):
    from prefect import flow

    from synth_sdk.integrations.prefect import generate_records

    @flow
    def none():
        return generate_records("user_profile", count=3, rules=[lambda record: "never right"])

    with pytest.raises(SynthError, match="no record could be made"):
        none()


def test_absent(monkeypatch):
    monkeypatch.setitem(sys.modules, "prefect", None)
    monkeypatch.delitem(sys.modules, "synth_sdk.integrations.prefect", raising=False)
    with pytest.raises(ImportError, match=r"pip install 'synth-data-sdk\[prefect\]'"):
        import synth_sdk.integrations.prefect  # noqa: F401
