"""Jobs in real processes: order, isolation of failures, what is made again and what isn't."""

import multiprocessing
import os
import signal

import pytest

from synth_sdk.core.errors import RequestError

TEXT = {"kind": "text", "count": 3}
USERS = {"kind": "json", "count": 20, "schema": {"id": "integer", "email": "email"}}
ORDERS = {
    "kind": "json",
    "count": 50,
    "schema": {"user": "integer", "mail": "string"},
    "values_from": {"user": "ref:users.id", "mail": "ref:users.email"},
}


def states(result):
    return {name: job.status for name, job in result.jobs.items()}


def made(result):
    return {name for name, job in result.jobs.items() if job.made}


def test_jobs_run_behind_those_they_need_and_again_only_where_something_changed(batch):
    jobs = {"orders": ORDERS, "users": USERS, "notes": {**TEXT, "format": "csv"}}
    events = []
    result = batch.run(jobs, watch=events.append)
    assert states(result) == {"orders": "success", "users": "success", "notes": "success"}
    assert result.status == "success"
    assert [moment.job for moment in events if moment.what == "begin"].index("users") < 2
    assert [moment.job for moment in events if moment.what == "end"].index("users") < [
        m.job for m in events if m.what == "end"
    ].index("orders")
    mails = {row["id"]: row["email"] for row in batch.rows("users.jsonl")}
    assert all(mails[row["user"]] == row["mail"] for row in batch.rows("orders.jsonl"))
    assert result.jobs["users"].report.records_generated == 20

    before = (batch.folder / "orders.jsonl").stat().st_mtime_ns
    again = batch.run(jobs)
    assert made(again) == set()
    assert again.status == "success"
    assert (batch.folder / "orders.jsonl").stat().st_mtime_ns == before
    assert {name: job["made"] for name, job in batch.state()["jobs"].items()} == dict.fromkeys(jobs, False)

    (batch.folder / "notes.csv").write_text("spoiled")
    changed = batch.run(jobs | {"users": {**USERS, "seed": 4}})
    assert made(changed) == {"users", "orders", "notes"}  # orders use other users now
    mails = {row["id"]: row["email"] for row in batch.rows("users.jsonl")}
    assert all(mails[row["user"]] == row["mail"] for row in batch.rows("orders.jsonl"))

    same = {**jobs, "users": {**USERS, "seed": 4, "workers": 2, "concurrency": 5}}
    assert made(batch.run(same)) == set()
    plan = batch.plan(same)
    assert all(job.there for job in plan.jobs)
    assert made(batch.run(same | {"orders": {**ORDERS, "count": 2}}, force=True)) == set(jobs)


def test_the_state_tells_all_of_each_job(batch):
    batch.run({"a": {**TEXT, "seed": "random"}, "b": TEXT})
    state = batch.state()
    assert (state["status"], state["budget_usd"], state["spent_usd"]) == ("success", None, "0")
    assert list(state["jobs"]["b"]) == [
        "status", "made", "kind", "fingerprint", "output", "bytes", "sha256", "records", "records_wanted", "spent_usd", "held_usd",
        "seconds", "seed", "error", "inputs",
    ]  # fmt: skip
    assert state["jobs"]["b"]["bytes"] == (batch.folder / "b.jsonl").stat().st_size
    drawn = state["jobs"]["a"]["seed"]
    assert isinstance(drawn, int)
    assert made(batch.run({"a": {**TEXT, "seed": "random"}, "b": TEXT})) == set()
    assert batch.state()["jobs"]["a"]["seed"] == drawn


def test_a_failure_stays_with_those_that_depend_on_it(batch):
    jobs = {
        "bad": {"kind": "json", "schema": "ref:note"},  # records of text are no schema: found out when they are there
        "child": {**TEXT, "needs": ["bad"]},
        "grandchild": {**TEXT, "needs": ["child"]},
        "note": TEXT,
        "good": TEXT,
    }
    result = batch.run(jobs)
    assert states(result) == {"bad": "failed", "child": "skipped", "grandchild": "skipped", "note": "success", "good": "success"}
    assert result.status == "partial"
    assert "schema" in result.jobs["bad"].error
    assert result.jobs["child"].error == "needs 'bad', which failed"
    assert result.jobs["grandchild"].error == "needs 'child', which was skipped"
    assert made(batch.run(jobs)) == {"bad", "child", "grandchild"}


def test_the_output_of_a_job_may_be_an_option_of_another(batch):
    names = {
        "type": "object",
        "properties": {"type": {"const": "string"}, "enum": {"const": ["x", "y"]}},
        "required": ["type", "enum"],
    }
    schema = {"kind": "json", "count": 1, "schema": names, "output": "made/{name}.jsonl"}
    result = batch.run({"rows": {"kind": "json", "count": 9, "schema": "ref:schema"}, "schema": schema})
    assert states(result) == {"rows": "success", "schema": "success"}
    assert set(batch.rows("rows.jsonl")) == {"x", "y"}


def test_a_crash_ends_one_job_and_no_other(batch):
    """Its process is killed as by the kernel; the job after it runs in a new one."""
    killed = []

    def kill(moment):
        if moment.job == "big" and moment.what == "progress" and not killed:
            children = [child for child in multiprocessing.active_children() if child.name == "synth batch"]
            assert len(children) == 1
            killed.append(children[0].pid)
            os.kill(children[0].pid, signal.SIGKILL)

    result = batch.run({"big": {**USERS, "count": 200_000_000}, "next": {**TEXT, "needs": []}}, parallel=1, watch=kill)
    assert states(result) == {"big": "failed", "next": "success"}
    assert "signal 9" in result.jobs["big"].error
    assert len(list(batch.folder.glob(".big.jsonl.*.part"))) == 1  # a killed process can't clean up
    assert batch.run({"big": USERS, "next": TEXT}).status == "success"
    assert {path.name for path in batch.folder.iterdir()} == {"big.jsonl", "next.jsonl", "batch.json"}
    assert not [child for child in multiprocessing.active_children() if child.name == "synth batch"]


def test_an_error_of_the_watcher_ends_the_processes(batch):
    def stop(moment):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        batch.run({"a": TEXT}, watch=stop)
    assert not [child for child in multiprocessing.active_children() if child.name == "synth batch"]
    assert batch.state()["status"] == "interrupted"


def test_folders_of_parts_and_sets_of_tables_are_replaced_when_they_are_made_again(batch):
    children = {"per": {"table": "t", "min": 1, "max": 2}, "schema": {"t_id": {"x-synth": {"ref": "t.id"}}, "note": "string"}}
    tables = {"tables": {"t": {"count": 2, "schema": {"id": "integer", "name": "name"}}, "u": children}}
    jobs = {
        "set": {"kind": "json", "schema": tables},
        "parts": {**USERS, "output": "parts/", "rows_per_shard": 8, "format": "csv"},
    }
    result = batch.run(jobs)
    assert result.status == "success"
    assert (batch.folder / "set" / "t.jsonl").exists()
    assert len(list((batch.folder / "parts").glob("*.csv"))) == 3
    assert made(batch.run(jobs)) == set()
    more = batch.run(jobs | {"parts": {**jobs["parts"], "count": 30}})
    assert made(more) == {"parts"}
    assert len(list((batch.folder / "parts").glob("*.csv"))) == 4


def test_two_batches_do_not_work_in_one_folder(batch):
    refused = []

    def again(moment):
        if moment.what == "begin":
            with pytest.raises(RequestError, match="another batch is at work"):
                batch.run({"a": TEXT})
            refused.append(moment.job)

    assert batch.run({"a": TEXT}, watch=again).status == "success"
    assert refused == ["a"]
