"""The operator under Airflow's own task SDK."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path

import pytest

from synth_sdk.core.errors import SynthError


def _installed() -> bool:
    return find_spec("airflow") is not None and find_spec("airflow.sdk") is not None


pytestmark = pytest.mark.skipif(not _installed(), reason="airflow is not installed: .ci/run has a virtual environment for it")


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def operator(**told):
    from airflow.sdk import DAG

    from synth_sdk.integrations.airflow import SynthOperator

    with DAG("nightly", schedule=None, start_date=datetime(2025, 1, 1, tzinfo=UTC)) as dag:
        task = SynthOperator(task_id="users", **told)
    assert dag.task_ids == ["users"]
    return task


def test_the_report_is_what_the_task_returns(folder):
    report = operator(destination="users.jsonl", kind="user_profile", wish={"count": 5}).execute({})
    assert json.loads(json.dumps(report)) == report
    assert (report["status"], report["output_location"]) == ("success", "users.jsonl")
    assert len((folder / "users.jsonl").read_text().splitlines()) == 5


def test_templates_are_filled_in(folder):
    task = operator(
        destination="{{ ds }}/{{ params.name }}.jsonl",
        kind="user_profile",
        wish={"count": "{{ params.count }}", "start": "{{ ds }}"},
    )
    (folder / "2025-03-01").mkdir()
    task.render_template_fields({"ds": "2025-03-01", "params": {"name": "users", "count": 7}})
    assert task.execute({})["records_generated"] == 7
    assert len((folder / "2025-03-01" / "users.jsonl").read_text().splitlines()) == 7


def test_a_wish_that_is_wrong_is_not_tried_again(folder):
    from airflow.sdk.exceptions import AirflowFailException

    with pytest.raises(AirflowFailException, match="did you mean user_profile"):
        operator(destination="users.jsonl", kind="user_profle").execute({})
    assert list(folder.iterdir()) == []


def test_fewer_records_than_wanted(folder):
    wish = {"count": 40, "rules": [lambda record: "odd" if record["id"][0] in "02468ace" else None]}
    with pytest.raises(SynthError, match=r"of 40 records"):
        operator(destination="users.jsonl", kind="user_profile", wish=wish).execute({})
    report = operator(destination="more.jsonl", kind="user_profile", wish=wish, accept_partial=True).execute({})
    assert report["status"] == "partial"
    assert len((folder / "more.jsonl").read_text().splitlines()) == report["records_generated"] < 40


DAG = """
from datetime import UTC, datetime
from airflow.sdk import DAG
from synth_sdk.integrations.airflow import SynthOperator

with DAG("nightly", schedule=None, start_date=datetime(2025, 1, 1, tzinfo=UTC)):
    SynthOperator(task_id="users", destination="{folder}/{{{{ ds }}}}.jsonl", kind="user_profile", wish={{"count": 5}})
"""


@pytest.mark.slow
def test_a_dag_that_airflow_runs(folder):
    """With a database of its own: what `airflow dags test` does is what its scheduler does."""
    (folder / "dags").mkdir()
    (folder / "dags" / "nightly.py").write_text(DAG.format(folder=folder))
    env = {**os.environ, "AIRFLOW_HOME": str(folder), "AIRFLOW__CORE__LOAD_EXAMPLES": "False"}
    program = str(Path(sys.executable).parent / "airflow")
    for words in (["db", "migrate"], ["dags", "reserialize"], ["dags", "test", "nightly", "2025-03-01"]):
        done = subprocess.run([program, *words], env=env, capture_output=True, text=True, timeout=240, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    assert len((folder / "2025-03-01.jsonl").read_text().splitlines()) == 5
    assert "Pushing xcom" in done.stdout + done.stderr


def test_absent(monkeypatch):
    monkeypatch.setitem(sys.modules, "airflow.sdk", None)
    monkeypatch.delitem(sys.modules, "synth_sdk.integrations.airflow", raising=False)
    with pytest.raises(ImportError, match=r"pip install 'synth-data-sdk\[airflow\]'"):
        import synth_sdk.integrations.airflow  # noqa: F401
