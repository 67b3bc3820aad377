"""`synth batch`: what it prints, its exit codes, its options."""

import json

import pytest

from tests.support.terminal import on_a_terminal

JOBS = """
defaults: {count: 3}
jobs:
  users: {kind: json, schema: {id: integer, name: name}, format: csv}
  notes: {kind: text, needs: [users]}
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "jobs.yaml").write_text(JOBS)
    return tmp_path


def test_run_tells_of_each_job_and_sums_up(synth, folder):
    done = synth("batch", "run", "jobs.yaml", "--parallel", 1, "--output", "out")
    assert done.code == 0, done.err
    assert done.out == ""
    lines = done.err.splitlines()
    assert lines[0] == "synth: users: begun (1 of 2 jobs), 3 records wanted"
    assert lines[1].startswith("synth: users: 3 records in ")
    assert [line.split() for line in lines[4:7]] == [
        ["job", "status", "records", "seconds", "$", "spent", "output"],
        ["users", "success", "3", lines[5].split()[3], "0", "users.csv"],
        ["notes", "success", "3", lines[6].split()[3], "0", "notes.jsonl"],
    ]
    assert lines[7].startswith("synth: 2 jobs in ")
    assert lines[7].endswith("2 success; 6 records; $0 spent")

    again = synth("batch", "generate", "--config", "jobs.yaml", "--parallel", 4, "--output", "./out/", "--json")
    assert again.code == 0
    assert "synth: notes: unchanged: 3 records are there" in again.err
    told = json.loads(again.out)
    assert told["status"] == "success"
    assert told["jobs"].keys() == {"users", "notes"}
    assert told["jobs"] == json.loads((folder / "out" / "batch.json").read_text())["jobs"]

    plan = synth("batch", "plan", "jobs.yaml", "-o", "out")
    assert plan.out.splitlines()[-1] == "0 of 2 jobs to make; expected $0"
    forced = synth("batch", "run", "jobs.yaml", "-o", "out", "--force", "--quiet")
    assert (forced.code, forced.out, forced.err) == (0, "", "")
    assert json.loads((folder / "out" / "batch.json").read_text())["jobs"]["users"]["made"]


def test_the_plan_shows_order_counts_and_cost_and_writes_nothing(synth, folder, server):
    talks = "{kind: json, schema: {id: integer, note: string}, model: gemini-flash-lite, budget: 0.05, matrix: {seed: [1, 2]}}"
    (folder / "paid.yaml").write_text(f"{JOBS}  talks: {talks}\n")
    done = synth("batch", "run", "paid.yaml", "--dry-run", "--budget", "0.5", env=server.env("gemini"))
    assert (done.code, done.err) == (0, "")
    head, *rows, last = done.out.splitlines()
    assert head.split() == ["job", "kind", "records", "needs", "$", "cap", "$", "expected", "output"]
    assert [row.split()[1] for row in rows] == ["users", "talks-1", "talks-2", "notes"]
    assert rows[1].split()[2:6] == ["json", "3", "-", "0.05"]
    assert last.startswith("4 of 4 jobs to make; expected $0.0")
    assert last.endswith("; never above $0.50")
    told = json.loads(synth("batch", "plan", "paid.yaml", "--budget", "0.5", "--json", env=server.env("gemini")).out)
    assert [job["name"] for job in told["jobs"]] == ["users", "talks-1", "talks-2", "notes"]
    assert not (folder / "paid").exists()
    assert not server.requests


def test_exit_codes_for_some_and_for_all_that_failed(synth, tmp_path):
    bad = {"kind": "json", "schema": "ref:notes"}
    (tmp_path / "some.json").write_text(
        json.dumps({"jobs": {"notes": {"kind": "text"}, "bad": bad, "more": {"kind": "text", "needs": "bad"}}})
    )
    done = synth("batch", "run", "some.json")
    assert done.code == 3
    assert "synth: bad: failed: schema" in done.err
    assert "synth: more: skipped: needs 'bad', which failed" in done.err
    assert "1 success, 1 failed, 1 skipped" in done.err
    assert (tmp_path / "some" / "notes.jsonl").exists()  # the folder is called as the file


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "jobs: {a: {kind: text, needs: b}, b: {kind: text, needs: a}}",
            "jobs.yaml: jobs need each other in a circle: a -> b -> a;",
        ),
        ("jobs: {a: {kind: text, locle: 3}}", "unknown option in jobs.yaml, job 'a': 'locle': did you mean locale?"),
        ("jobs: {a: {kind: text}}\nbugdet: 3", "unknown key in jobs.yaml: 'bugdet': did you mean budget?"),
    ],
)
def test_a_wrong_file_is_one_line_and_exit_2(synth, tmp_path, text, said):
    (tmp_path / "jobs.yaml").write_text(text)
    done = synth("batch", "run", "jobs.yaml")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"synth: error: {said}")
    assert len(done.err.splitlines()) == 1
    assert not (tmp_path / "jobs").exists()


def test_options_are_checked(synth, folder):
    assert "'--parallel': 0 is not in the range" in synth("batch", "run", "jobs.yaml", "--parallel", 0).err
    assert synth("batch", "run", "jobs.yaml", "--budget", "lots").code == 2
    assert (
        synth("batch", "run", "nowhere.yaml").err
        == "synth: error: batch file nowhere.yaml: No such file or directory; check the path\n"
    )
    assert synth("batch", "generate").code == 2
    (folder / "own.yaml").write_text("locale: xx_XX\n")
    assert "xx_XX" in synth("batch", "plan", "jobs.yaml", "--config", "own.yaml", "--debug").err


def test_a_terminal_gets_a_bar_for_each_job(folder):
    seen = on_a_terminal("batch", "run", "jobs.yaml", folder=folder)
    assert "users" in seen
    assert "3/3" in seen
    assert "2 jobs in" in seen
