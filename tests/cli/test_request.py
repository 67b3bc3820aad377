"""`synth generate --request`: what goes where, and the exit codes."""

import json

import pytest

ASKED = {"data_type": "user_profile", "volume": 12, "output_format": "csv", "destination": {"type": "local", "location": "u.csv"}}


@pytest.fixture
def ask(inside, tmp_path):
    """Run the command with a request from a file."""

    def run(*words, **changes):
        (tmp_path / "asked.json").write_text(json.dumps({**ASKED, **changes}))
        return inside("generate", "--request", "asked.json", *words)

    return run


def test_standard_output_gets_the_report(ask, tmp_path):
    done = ask()
    told = json.loads(done.out)
    assert (done.code, told["status"], told["records_generated"], told["output_location"]) == (0, "success", 12, "u.csv")
    assert len((tmp_path / "u.csv").read_text().splitlines()) == 13
    assert done.err.startswith("synth: 12 user_profile records in ")


def test_records_that_go_to_standard_output_have_it_for_themselves(ask):
    done = ask(destination=None, output_format="json")
    assert len(json.loads(done.out)) == 12
    assert ask("-o", "-", "--quiet").err == ""


def test_options_win_and_an_output_leaves_standard_output_empty(ask, tmp_path):
    done = ask("-n", 3, "-o", "other.csv", "--report", "r.md")
    assert (done.code, done.out) == (0, "")
    assert len((tmp_path / "other.csv").read_text().splitlines()) == 4
    assert not (tmp_path / "u.csv").exists()
    assert (tmp_path / "r.md").read_text().startswith("# Synthetic Data Generation Report\n")


def test_a_wrong_request_is_told_on_both_streams(ask, tmp_path):
    done = ask("--quiet", volume=0, output_format="cvs")
    told = json.loads(done.out)
    assert (done.code, told["status"], len(told["errors"])) == (2, "failed", 1)
    assert done.err == f"synth: error: {told['errors'][0]}\n"
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".csv"] == []


def test_a_request_names_its_kind_itself(ask):
    done = ask("--type", "events")
    assert (done.code, done.out) == (2, "")
    assert "a request names its data_type itself" in done.err


def test_a_request_may_come_by_standard_input(synth):
    done = synth("generate", "--request", "-", stdin=json.dumps({"data_type": "text", "volume": 2}))
    assert (done.code, len(done.out.splitlines())) == (0, 2)


def test_a_missing_file_is_one_line_and_a_report(inside):
    done = inside("generate", "--request", "nowhere.json")
    assert done.code == 2
    assert done.err == "synth: error: request file 'nowhere.json' can't be read: No such file or directory\n"
    assert json.loads(done.out)["status"] == "failed"


def test_parts_may_lie_in_folders_named_for_values(inside, tmp_path):
    done = inside("generate", "user_profile", "-n", 60, "-o", "people/", "--partition-by", "plan", "--format", "csv")
    assert done.code == 0, done.err
    plans = {path.name for path in (tmp_path / "people").iterdir() if path.is_dir()}
    assert len(plans) > 1
    assert all(name.startswith("plan=") for name in plans)
    assert "plan" not in next((tmp_path / "people" / min(plans)).iterdir()).read_text().splitlines()[0]
    assert inside("generate", "user_profile", "-o", "p/", "--partition-by", "plna", "--format", "csv").code == 2


REQUEST = {"data_type": "custom", "volume": 3, "schema": {"fields": [{"name": "a", "type": "integer"}]}}
PLACED = {**REQUEST, "destination": {"type": "local", "location": "x.csv"}, "output_format": "csv"}


def run(synth, request, *words):
    return synth("generate", "--request", "-", *words, stdin=json.dumps(request))


@pytest.mark.parametrize("words", [[], ["--report", "-"], ["--report", "-", "-o", "y.csv"]])
def test_the_report_is_printed_once(synth, words):
    done = run(synth, PLACED, *words)
    assert (done.code, json.loads(done.out)["status"]) == (0, "success")


def test_records_and_report_are_not_printed_together(synth):
    done = run(synth, REQUEST, "--report", "-")
    assert (done.code, json.loads(done.out)["status"]) == (2, "failed")
    assert "name the same file" in done.err
    plain = run(synth, REQUEST)
    assert [json.loads(line)["a"] for line in plain.out.splitlines()] == [5, 412, 607]


def test_nothing_on_standard_input_is_said(synth):
    done = synth("generate", "--request", "-", stdin="")
    assert (done.code, json.loads(done.out)["errors"]) == (
        2,
        ["request: there is nothing in it; see 'synth schema show request'"],
    )
