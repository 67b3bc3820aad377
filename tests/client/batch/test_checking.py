"""The whole file is checked first: names, references, circles, Specs and places. Nothing is written meanwhile."""

import json

import pytest

from synth_sdk import Synth
from synth_sdk.core import plugins
from synth_sdk.core.errors import RequestError, UnknownName

TEXT = {"kind": "text", "count": 2}
ROWS = {"kind": "json", "schema": {"id": "integer", "name": "name"}}


def names(plan):
    return [job.name for job in plan.jobs]


def test_defaults_hold_for_every_job_and_a_job_wins(batch):
    plan = batch.plan({"a": {}, "b": {"count": 7, "seed": 3}}, defaults={"kind": "text", "count": 5, "seed": 1})
    assert [(job.kind, job.count, job.plan.seed) for job in plan.jobs] == [("text", 5, 1), ("text", 7, 3)]


def test_a_job_comes_behind_those_it_needs(batch):
    plan = batch.plan(
        {"c": {**TEXT, "needs": ["b"]}, "b": {**TEXT, "constraints": {"tools": "ref:a"}, "kind": "tool_call"}, "a": TEXT}
    )
    assert names(plan) == ["a", "b", "c"]
    assert plan.jobs[1].needs == ("a",)
    assert plan.jobs[1].plan is None  # not known before `a` is there


def test_a_matrix_makes_jobs_and_those_that_refer_to_it_follow_its_axes(batch):
    axes = {"locale": ["en_US", "de_DE"], "seed": [1, 2]}
    orders = {"kind": "json", "schema": {"customer": "integer"}, "values_from": {"customer": "ref:users.id"}, "matrix": axes}
    plan = batch.plan({"users": {**ROWS, "matrix": axes}, "orders": orders, "all": {**TEXT, "needs": "users"}})
    needs = {job.name: job.needs for job in plan.jobs}
    assert len(needs) == 9
    assert needs["orders-de_DE-2"] == ("users-de_DE-2",)
    assert needs["all"] == ("users-en_US-1", "users-en_US-2", "users-de_DE-1", "users-de_DE-2")
    assert {job.output for job in plan.jobs} == {f"{name}.jsonl" for name in needs}


@pytest.mark.parametrize(
    ("needs", "chain"),
    [
        ({"a": "b", "b": "a"}, "a -> b -> a"),
        ({"a": "a"}, "a -> a"),
        ({"x": "a", "a": "b", "b": "c", "c": "a"}, "a -> b -> c -> a"),
    ],
)
def test_a_circle_is_named_as_a_chain(batch, needs, chain):
    with pytest.raises(RequestError, match=f"in a circle: {chain};"):
        batch.plan({name: {**TEXT, "needs": [other]} for name, other in needs.items()})


@pytest.mark.parametrize(
    ("jobs", "said"),
    [
        ({"a": {**TEXT, "cuont": 3}}, r"unknown option in jobs.yaml, job 'a': 'cuont': did you mean count"),
        ({"a": {"kind": "txt"}}, r"jobs.yaml, job 'a': unknown kind 'txt': did you mean text"),
        ({"a": {"count": 3}}, r"jobs.yaml, job 'a': no kind given"),
        ({"a": {**TEXT, "count": 0}}, r"job 'a': count 0: must be at least 1"),
        ({"a": {**TEXT, "budget": "lots"}}, r"job 'a': budget 'lots' is not an amount"),
        ({"a": {**TEXT, "mode": "llm"}}, r"job 'a': mode 'llm' buys every record and needs a budget"),
        ({"a": {**TEXT, "needs": ["bb"]}, "bbb": TEXT}, r"unknown job in jobs.yaml, job 'a': 'bb': did you mean bbb"),
        ({"a": {**TEXT, "needs": 3}}, r"job 'a': needs must be a list"),
        ({"a": {**TEXT, "matrix": {"sede": [1]}}}, r"unknown option in jobs.yaml, job 'a': 'sede': did you mean seed"),
        ({"a": {**TEXT, "matrix": [1]}}, r"job 'a': matrix must be a mapping"),
        ({"a-1": TEXT, "a": {**TEXT, "matrix": {"seed": [1]}}}, r"two jobs are called 'a-1'"),
        ({"m": {**TEXT, "matrix": {"seed": [1, 2]}}, "a": {"kind": "json", "schema": "ref:m"}}, r"ref:m is 2 jobs \(m-1, m-2\.\.\.\): name one"),
        ({"a": {"kind": "json", "schema": "no.json"}}, r"job 'a': schema file 'no.json' can't be read"),
        ({"a": {"kind": "json", "schema": "-"}}, r"job 'a': schema '-': a batch reads no standard input"),
        ({"a": {**TEXT, "constraints": ["x"]}}, r"job 'a': constraint 'x': write KEY=VALUE"),
        ({"a": {**TEXT, "stream_to": "ftp://x"}}, r"job 'a': .*ftp"),
        ({"a": {**TEXT, "output": "-"}}, r"job 'a': output '-': jobs write files"),
        ({"a": {**TEXT, "output": "{nam}.csv"}}, r"job 'a': unknown placeholder in output '\{nam\}.csv': 'nam': did you mean name"),
        ({"a": {**TEXT, "output": "{.csv"}}, r"job 'a': output '\{.csv': write names in braces"),
        ({"a": {**TEXT, "output": "a.docx"}}, r"job 'a': output .*: no format has the suffix '.docx'"),
        ({"a": {**TEXT, "output": "x.csv"}, "b": {**TEXT, "output": "X.csv"}}, r"output of job 'b' and output of job 'a' are one file"),
        ({"a": {**TEXT, "report": "r.md"}, "b": {**TEXT, "report": "r.md"}}, r"report of job 'b' and report of job 'a' are one file"),
        ({"a": {**TEXT, "output": "batch.json"}}, r"output of job 'a' and the batch's own state are one file"),
        ({"a": {**TEXT, "output": "x/"}, "b": {**TEXT, "output": "x/b.csv"}}, r"output of job 'b' lies in the folder that is output of job 'a'"),
        ({"a": ROWS, "b": {**ROWS, "values_from": {"id": "a.id"}}}, r"job 'b': values_from 'a.id': write ref:JOB.COLUMN"),
        ({"a": ROWS, "b": {**ROWS, "values_from": {"idd": "ref:a.id"}}}, r"job 'b': unknown property in values_from 'idd': did you mean id"),
        ({"a": ROWS, "b": {**ROWS, "values_from": {"id": "ref:a.idd"}}}, r"job 'b': unknown column of 'a' in values_from 'idd': did you mean id"),
        ({"a": {**ROWS, "output": "a.sql"}, "b": {**ROWS, "values_from": {"id": "ref:a.id"}}}, r"the output of 'a' is 'out/a.sql'; values are read"),
        ({"a": ROWS, "b": {**TEXT, "values_from": {"id": "ref:a.id"}}}, r"job 'b': values_from needs a schema"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_one_line_that_names_the_job(batch, jobs, said):
    with pytest.raises(RequestError, match=said) as error:
        batch.plan(jobs)
    assert "\n" not in error.value.message
    assert error.value.exit_code == 2
    assert not batch.folder.exists()


def test_all_jobs_are_checked_before_the_first_runs(batch):
    with pytest.raises(RequestError, match=r"job 'b': count 0.*\(2 more wrong: c, d\)"):
        batch.run({"a": TEXT, **{name: {**TEXT, "count": 0} for name in "bcd"}})
    assert not batch.folder.exists()


def test_an_unknown_default_says_so(batch):
    with pytest.raises(UnknownName, match=r"unknown option in jobs.yaml, defaults: 'sed': did you mean seed"):
        batch.plan({"a": TEXT}, defaults={"sed": 1})


def test_files_are_looked_up_from_the_folder_of_the_batch_file(tmp_path, monkeypatch):
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "s.json").write_text(json.dumps({"id": "integer"}))
    (tmp_path / "deep" / "jobs.yaml").write_text(
        'jobs: {a: {kind: json, schema: s.json, output: "{name}-{seed}.csv", matrix: {seed: [4]}}}'
    )
    monkeypatch.chdir(tmp_path)
    (job,) = Synth().plan_batch("deep/jobs.yaml").jobs
    assert (job.name, job.output, job.plan.seed) == ("a-4", "a-4-4.csv", 4)


def test_a_mapping_is_a_batch_too(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert names(Synth().plan_batch({"jobs": {"a": TEXT}})) == ["a"]


def test_the_output_must_be_a_folder_that_can_be_written(batch, tmp_path):
    (tmp_path / "out").write_text("")
    with pytest.raises(RequestError, match="out"):
        batch.plan({"a": TEXT})


def test_a_folder_of_parts_needs_an_empty_place(batch):
    (batch.folder / "a").mkdir(parents=True)
    (batch.folder / "a" / "x").write_text("")
    with pytest.raises(RequestError, match="the folder is not empty"):
        batch.plan({"a": {**TEXT, "output": "a/"}})


def test_a_state_that_is_not_ours_is_left_alone(batch):
    batch.folder.mkdir()
    (batch.folder / "batch.json").write_text('{"mine": 1}')
    with pytest.raises(RequestError, match="is not the state of a batch"):
        batch.plan({"a": TEXT})


@pytest.mark.parametrize("parallel", [0, 65, True, "4"])
def test_parallel_is_a_small_whole_number(batch, parallel):
    with pytest.raises(RequestError, match="parallel"):
        batch.run({"a": TEXT}, parallel=parallel)


def test_a_kind_of_this_process_alone_cannot_be_run_in_others(batch, monkeypatch):
    monkeypatch.setitem(plugins._AT_RUN_TIME["generators"], "only_here", object)
    with pytest.raises(RequestError, match="known to this process only"):
        batch.plan({"a": {"kind": "only_here"}})
