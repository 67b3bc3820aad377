"""`synth schema infer|check|suggest`: streams, exit codes, files."""

import json

import pytest
from click.testing import CliRunner

from synth_sdk.cli.app import cli
from synth_sdk.core.errors import RequestError


def run(*words, stdin=None):
    return CliRunner().invoke(cli, ["schema", *(str(word) for word in words)], input=stdin)


@pytest.fixture
def file(tmp_path):
    """Write a JSON file and give its name."""

    def write(document, name="schema.json"):
        (tmp_path / name).write_text(json.dumps(document))
        return tmp_path / name

    return write


BROKEN = {
    "type": "object",
    "properties": {"age": {"type": "integer", "minimum": 10, "maximum": 5}, "mail": {"type": "string", "format": "emial"}},
}


def test_check_prints_one_line_each_and_exits_2_on_an_error(file):
    done = run("check", file(BROKEN))
    assert done.exit_code == 2
    assert done.stdout == (
        "error   /properties/age  minimum: unsatisfiable: 10 is above maximum 5; swap or widen them\n"
        "warning /properties/mail  format: unknown format 'emial'; did you mean email?\n"
    )
    assert done.stderr == "synth: 1 error, 1 further finding\n"


def test_check_of_a_good_schema_is_quiet_and_0(file):
    done = run("check", file({"type": "object", "properties": {"n": {"type": "integer"}}}), "--debug")
    assert (done.exit_code, done.stdout, done.stderr) == (0, "", "synth: 0 errors, 0 further findings\n")


def test_check_as_json_from_standard_input():
    done = run("check", "-", "--json", stdin=json.dumps(BROKEN))
    assert [(one["level"], one["pointer"], one["keyword"]) for one in json.loads(done.stdout)] == [
        ("error", "/properties/age", "minimum"),
        ("warning", "/properties/mail", "format"),
    ]
    assert run("check", "-", stdin="at: datetime\nname: string\n").exit_code == 0  # YAML


def test_check_with_a_count(file):
    name = file(
        {"type": "object", "properties": {"n": {"type": "integer", "minimum": 1, "maximum": 20, "x-synth": {"unique": True}}}}
    )
    assert run("check", name, "--count", 20).exit_code == 0
    assert run("check", name, "--count", 21).exit_code == 2


def test_infer(tmp_path):
    (tmp_path / "rows.csv").write_text("n,s\n" + "".join(f"{n},x{n}\n" for n in range(50)))
    done = run("infer", tmp_path / "rows.csv", "--rows", 20)
    assert json.loads(done.stdout)["properties"]["n"] == {"type": "integer", "minimum": 0, "x-synth": {"unique": True}}
    assert run("infer", tmp_path / "rows.csv", "--output", tmp_path / "out.json").stdout == ""
    assert set(json.loads((tmp_path / "out.json").read_text())["properties"]) == {"n", "s"}
    assert isinstance(run("infer", tmp_path / "none.csv").exception, RequestError)


def test_suggest(file):
    name = file({"type": "object", "properties": {"email": {"type": "string"}, "cvv": {"type": "string"}}, "required": ["email"]})
    lines = run("suggest", name).stdout.splitlines()
    assert lines[0].startswith("decide  /properties/cvv  risky: card verification code: PCI DSS 3.3.1.2")
    assert lines[1].startswith("safe    /properties/email  add format 'email': ")
    as_json = json.loads(run("suggest", name, "--json").stdout)
    assert as_json[1]["change"] == [{"op": "add", "path": "/properties/email/format", "value": "email"}]


def test_suggest_apply(file, tmp_path):
    name = file({"type": "object", "properties": {"email": {"type": "string"}}})
    assert json.loads(run("suggest", name, "--apply").stdout)["properties"]["email"]["format"] == "email"
    assert run("suggest", name, "--apply", "-o", tmp_path / "better.json").stdout == ""
    assert json.loads((tmp_path / "better.json").read_text())["properties"]["email"]["format"] == "email"
    assert isinstance(run("suggest", name, "-o", tmp_path / "x.json").exception, RequestError)
