"""`synth eval`: streams, exit codes, files."""

import json

import pytest
from click.testing import CliRunner

from synth_sdk.cli.app import cli
from synth_sdk.core.errors import RequestError
from tests.evaluation.support import CORPUS, lines


def run(*words, stdin=None):
    return CliRunner().invoke(cli, ["eval", *(str(word) for word in words)], input=stdin)


@pytest.fixture
def file(tmp_path):
    """Write records and give the file's name."""

    def write(records, name="x.jsonl"):
        (tmp_path / name).write_text(lines(records))
        return tmp_path / name

    return write


FLAWED = [*CORPUS[:30], {"messages": [{"role": "user", "content": "Hi"}, {"role": "user", "content": "Hi?"}]}]


def test_a_table_on_stdout_and_a_line_on_stderr(file):
    done = run(file(CORPUS))
    assert done.exit_code == 0
    assert next(line for line in done.stdout.splitlines() if line.startswith("templated turns")).split() == [
        "templated", "turns", "1", "0.0334-0.101", "outside",
    ]  # fmt: skip
    for group in ("structure", "consistency", "diversity", "turns and flow", "manner"):
        assert f"\n{group} " in f"\n{done.stdout}"
    assert done.stderr.startswith("synth: 120 records (synth): 0 findings; ")


def test_a_flaw_is_told_and_exit_1(file):
    done = run(file(FLAWED), "--debug")
    assert done.exit_code == 1
    assert "synth: record 31 /messages/1  alternation: two turns of the user in a row\n" in done.stderr


def test_strict_fails_on_facts_without_a_source_too(file):
    odd = json.loads(json.dumps(CORPUS[:30]))
    odd[0]["messages"][3]["content"] += " See TK-123456."
    name = file(odd)
    assert run(name).exit_code == 0
    assert run(name, "--strict").exit_code == 1


def test_json_for_machines(file):
    done = run(file(CORPUS), "--json")
    told = json.loads(done.stdout)
    assert told["passed"] is True
    assert told["envelope"]["inside"] == sum(one["inside"] for one in told["envelope"]["metrics"].values())
    assert json.loads(run(file(FLAWED), "--json").stdout)["findings"]["by_rule"] == {"alternation": 1, "ends-with-assistant": 1}


def test_standard_input_dialect_and_page(file, tmp_path):
    done = run("-", "--dialect", "openai", "--html", tmp_path / "page.html", stdin=lines(CORPUS[:20]))
    assert done.exit_code == 1
    assert "page written to" in done.stderr
    assert (tmp_path / "page.html").read_text().startswith("<!DOCTYPE html>")


def test_held_against_a_file(file):
    done = run(file(CORPUS[:40]), "--like", file(CORPUS[40:80], "real.jsonl"))
    assert "in real.jsonl" in done.stdout
    assert "AUC by the text" in done.stdout


def test_what_cannot_be_evaluated_is_one_error(tmp_path):
    (tmp_path / "x.jsonl").write_text('{"trace_id": "t", "steps": []}\n')
    error = run(tmp_path / "x.jsonl").exception
    assert isinstance(error, RequestError)
    assert error.exit_code == 2
    assert "an agent trace, not a conversation" in error.message
