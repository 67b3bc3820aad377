"""`synth generate`, `plan`, `preview` offline: streams, files, exit codes, one-line errors."""

import json
import os
import signal
import stat
import subprocess
import sys
import time

import pytest

from tests.support.children import child


def records(text):
    return [json.loads(line) for line in text.splitlines()]


def test_data_goes_to_stdout_and_the_summary_to_stderr(synth):
    done = synth("generate", "conversation", "-n", 3)
    assert done.code == 0
    assert len(records(done.out)) == 3
    assert done.err.startswith("synth: 3 conversation records in ")
    assert synth("generate", "--type", "conversation", "--count", 3, "--quiet").err == ""


def test_the_same_command_gives_the_same_bytes(synth):
    first, second = (
        synth("generate", "conversation", "-n", 5, "--seed", 42),
        synth("generate", "conversation", "-n", 5, "--seed", 42),
    )
    assert first.out == second.out
    assert synth("generate", "conversation", "-n", 5, "--seed", 43).out != first.out


def test_with_an_output_file_stdout_stays_empty_and_the_suffix_sets_the_format(synth, tmp_path):
    done = synth("generate", "text", "-n", 2, "-o", "out.json")
    assert (done.code, done.out) == (0, "")
    assert len(json.loads((tmp_path / "out.json").read_text())) == 2
    synth("generate", "text", "-n", 2, "--output", "out.txt", "--format", "jsonl")
    assert len(records((tmp_path / "out.txt").read_text())) == 2


def test_report_provenance_and_rejects_are_files_of_their_own(synth, tmp_path):
    done = synth(
        "generate",
        "conversation",
        "-n",
        2,
        "-o",
        "c.jsonl",
        "--report",
        "r.json",
        "--provenance",
        "p.jsonl",
        "--rejects",
        "x.jsonl",
    )
    assert done.code == 0
    told = json.loads((tmp_path / "r.json").read_text())
    assert told["output_location"] == "c.jsonl"
    assert told["origins"]["offline"] == len(records((tmp_path / "p.jsonl").read_text())) == 2
    assert (tmp_path / "x.jsonl").read_text() == ""
    for suffix in ("md", "html"):
        synth("generate", "text", "-n", 1, "-o", "t.jsonl", "--report", f"r.{suffix}")
        assert "Synthetic Data Generation Report" in (tmp_path / f"r.{suffix}").read_text()


def test_seed_001s_examples(synth, tmp_path):
    schema = {
        "type": "object",
        "properties": {
            "id": {"type": "string", "format": "uuid"},
            "email": {"type": "string", "format": "email"},
            "age": {"type": "integer", "minimum": 18, "maximum": 90},
            "active": {"type": "boolean"},
        },
        "required": ["id", "email", "age"],
    }
    (tmp_path / "user_schema.json").write_text(json.dumps(schema))
    assert synth("generate", "--type", "conversation", "--count", 20, "--seed", 42, "--output", "conversations.jsonl").code == 0
    assert len(records((tmp_path / "conversations.jsonl").read_text())) == 20
    assert (
        synth(
            "generate", "--type", "json", "--count", 100, "--schema", "user_schema.json", "--seed", 0, "--output", "users.jsonl"
        ).code
        == 0
    )
    users = records((tmp_path / "users.jsonl").read_text())
    assert all({"id", "email", "age"} <= user.keys() and 18 <= user["age"] <= 90 for user in users)
    assert len(users) == 100
    coding = records(
        synth("generate", "--type", "conversation", "--count", 10, "--constraint", "template=code_assistant", "--seed", 1).out
    )
    assert {record["meta"]["pack"] for record in coding} == {"code_assistant"}
    dense = records(
        synth(
            "generate", "--type", "text", "--count", 30, "--constraint", "min_sentences=5", "--constraint", "max_sentences=10"
        ).out
    )
    assert len(dense) == 30


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["generate"], "no kind given"),
        (["generate", "conversatoin"], "did you mean conversation"),
        (["generate", "conversation", "--type", "text"], "differ"),
        (["generate", "conversation", "-n", "0"], "not in the range"),
        (["generate", "conversation", "-n", "1e12"], "1e12"),
        (["generate", "conversation", "-n", "-1"], "not in the range"),
        (["generate", "conversation", "-n", "99999999999999999999"], "must be at most"),
        (["generate", "conversation", "--workers", "0"], "not in the range"),
        (["generate", "conversation", "--workers", "65"], "not in the range"),
        (["generate", "conversation", "--format", "jsno"], "did you mean"),
        (["generate", "conversation", "--sql-dialect", "oracle"], "oracle"),
        (["generate", "conversation", "--rows-per-shard", "0"], "not in the range"),
        (["generate", "conversation", "--table", ""], "table"),
        (["generate", "conversation", "-o", "no/such/"], "does not exist"),
        (["generate", "conversation", "--seed", "abc"], "--seed 'abc'"),
        (["generate", "conversation", "--pack", "nope"], "unknown pack 'nope'"),
        (["generate", "conversation", "--pack", "broken.yaml"], "broken.yaml:"),
        (["generate", "conversation", "--budget", "-1"], "'-1' is not an amount"),
        (["generate", "conversation", "--budget", "0.5"], "GEMINI_API_KEY"),
        (["generate", "conversation", "--budget", "0.5", "--model", "gemini-flsh"], "did you mean"),
        (["generate", "conversation", "--budget", "0.5", "--fallback", "faker,local"], "last"),
        (["generate", "conversation", "--mode", "llm"], "needs a budget"),
        (["generate", "conversation", "--constraint", "template"], "write KEY=VALUE"),
        (["generate", "conversation", "--locale", "xx_YY"], "xx_YY"),
        (["generate", "conversation", "--start", "soon"], "ISO 8601"),
        (["generate", "conversation", "--timeout", "0"], "timeout"),
        (["generate", "conversation", "--concurrency", "0"], "concurrency"),
        (["generate", "conversation", "--records-per-call", "0"], "records_per_call"),
        (["generate", "conversation", "-o", "no/such/folder/x.jsonl"], "no/such/folder"),
        (["generate", "conversation", "-o", "x.unknown"], ".unknown"),
        (["generate", "conversation", "-o", "."], "."),
        (["generate", "conversation", "-o", "x.jsonl", "--report", "x.jsonl"], "same file"),
        (["generate", "json"], "needs a schema"),
        (["generate", "json", "--schema", "none.json"], "none.json"),
        (["generate", "conversation", "--config", "none.yaml"], "none.yaml"),
        (["generate", "conversation", "--polcy", "best"], "--policy"),
        (["generate", "conversation", "--policy", "worst"], "worst"),
        (["generat"], "did you mean generate"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_wrong_request_is_exit_2_and_one_line(synth, tmp_path, words, says):
    (tmp_path / "broken.yaml").write_text("pack: broken\nversion: 1\nflow: 3\n")
    before = sorted(tmp_path.iterdir())
    done = synth(*words)
    assert done.code == 2
    assert done.out == ""
    assert says in done.err
    assert done.err.startswith("synth: error: ")
    assert done.err.count("\n") == 1
    assert [path for path in sorted(tmp_path.iterdir()) if path.name != "synth-home"] == before


def test_debug_shows_the_traceback(synth):
    done = synth("generate", "nothing", "--debug")
    assert "Traceback" in done.err
    assert done.code != 0


def test_a_random_seed_is_printed(synth):
    done = synth("generate", "text", "-n", 1, "--seed", "random")
    seed = done.err.split("seed ")[1].split(":")[0]
    assert synth("generate", "text", "-n", 1, "--seed", seed).out == done.out


def test_plan_prints_a_line_or_json(synth):
    assert synth("plan", "conversation", "-n", 50).out == "50 conversation records: made offline, $0\n"
    told = json.loads(synth("plan", "conversation", "-n", 50, "--json").out)
    assert told["split"] == {"llm": 0, "blueprint": 0, "offline": 50, "undelivered": 0}


def test_plan_with_a_key_names_the_models_and_the_cap(synth, home):
    done = synth(
        "plan", "conversation", "-n", 5000, "--budget", 4, "--policy", "cheapest", env={"GEMINI_API_KEY": "unused-key-123"}
    )
    assert done.code == 0
    assert done.out.startswith("5,000 conversation records, cap $4.00: ")
    assert "(4 per call; gemini-2.5-flash-lite -> gemini-flash-lite" in done.out
    assert done.out.endswith("never above $4.00\n")


def test_preview_reads_like_a_script(synth):
    done = synth("preview", "conversation", "-n", 1)
    assert done.code == 0
    assert done.out.startswith("--- 1: pack customer_support")
    assert "\nuser: " in done.out
    assert "\nassistant: " in done.out


def test_models_as_table_and_json(synth):
    table = synth("models")
    assert table.code == 0
    assert "gemini-flash-lite" in table.out
    assert "OPENROUTER_API_KEY" in table.out
    arms = json.loads(synth("models", "--json").out)
    assert {arm["provider"] for arm in arms} >= {"gemini", "openrouter", "bedrock"}
    assert not any(arm["usable"] for arm in arms)


def test_templates_are_plain_names(synth):
    packs = [
        "banking",
        "clinic",
        "code_assistant",
        "customer_support",
        "hotel",
        "hr",
        "insurance",
        "it_helpdesk",
        "research_assistant",
        "telecom",
        "travel",
    ]
    tools = ["database", "email", "file_operations", "search"]
    patterns = ["ecommerce", "finance", "healthcare", "logistics", "saas"]
    assert synth("templates", "--list").out.split() == packs + tools + patterns
    assert synth("templates", "--category", "conversation").out.split() == packs
    assert synth("templates", "--category", "tool_call").out.split() == tools


def test_cache_commands_on_an_empty_cache(synth, home):
    assert json.loads(synth("cache", "stats").out)["entries"] == 0
    assert "0 cached records removed" in synth("cache", "clear").err


def test_a_closed_pipe_ends_the_run_quietly(tmp_path, home):
    command = f"{sys.executable} -m synth_sdk.cli generate text -n 200000 --quiet | head -n 2"
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "SYNTH_HOME": str(home)},
        check=False,
    )
    assert len(records(done.stdout)) == 2
    assert done.stderr == ""
    assert done.returncode == 0


def test_ctrl_c_is_130_and_leaves_no_output(tmp_path, home):
    words = [sys.executable, "-m", "synth_sdk.cli", "generate", "conversation", "-n", 10_000_000, "-o", "x.jsonl"]
    with child(words, cwd=tmp_path, env={**os.environ, "SYNTH_HOME": str(home)}, stderr=subprocess.PIPE) as running:
        deadline = time.monotonic() + 30
        while not list(tmp_path.glob(".x.jsonl*")) and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(0.3)
        running.send_signal(signal.SIGINT)
        _, err = running.communicate(timeout=30)
    assert running.returncode == 130
    assert "interrupted" in err
    assert list(tmp_path.glob("*.jsonl*")) + list(tmp_path.glob(".x*")) == []


def _ends(group, within=5):
    """No process of the group is left. Its last one is Python's resource tracker, which outlives its parent for a moment."""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False


def test_ctrl_c_ends_the_workers_too(tmp_path, home):
    words = [sys.executable, "-m", "synth_sdk.cli", "generate", "text", "-n", 10**12, "-o", "x/", "--workers", 2]
    env = {**os.environ, "SYNTH_HOME": str(home)}
    with child(words, cwd=tmp_path, env=env, stderr=subprocess.PIPE, start_new_session=True) as running:
        deadline = time.monotonic() + 30
        while not list(tmp_path.glob(".x*/.part*")) and time.monotonic() < deadline:
            time.sleep(0.05)
        os.killpg(running.pid, signal.SIGINT)  # as a terminal does: to every process
        began = time.monotonic()
        _, err = running.communicate(timeout=30)
    assert time.monotonic() - began < 5
    assert running.returncode == 130
    assert err.strip().startswith("synth: interrupted")
    assert len(err.strip().splitlines()) == 1
    assert [path for path in tmp_path.iterdir() if path != home] == []
    assert _ends(running.pid)


def test_a_trillion_records_stream(tmp_path, home):
    command = f"{sys.executable} -m synth_sdk.cli generate text -n 1000000000000 --quiet | head -n 2"
    done = subprocess.run(
        ["bash", "-c", command],
        capture_output=True,
        text=True,
        timeout=30,
        env={**os.environ, "SYNTH_HOME": str(home)},
        check=False,
    )
    assert len(records(done.stdout)) == 2
    assert done.stderr == ""


def test_a_folder_of_parts_and_its_flags(synth, tmp_path):
    done = synth("generate", "text", "-n", 25, "-o", "parts/", "--format", "json", "--rows-per-shard", 10, "--report", "r.json")
    assert done.code == 0, done.err
    assert sorted(path.name for path in (tmp_path / "parts").iterdir()) == [
        "_manifest.json", "part-00000.json", "part-00001.json", "part-00002.json",
    ]  # fmt: skip
    told = json.loads((tmp_path / "r.json").read_text())
    assert told["output_location"] == "parts/"
    assert told["manifest"] == json.loads((tmp_path / "parts" / "_manifest.json").read_text())
    assert synth("generate", "text", "-o", "parts/").code == 2


def test_sql_is_named_and_spoken_as_asked(synth):
    plain = synth("generate", "text", "-n", 1, "--format", "sql").out
    asked = synth("generate", "text", "-n", 1, "--format", "sql", "--table", "notes", "--sql-dialect", "mysql").out
    assert 'CREATE TABLE "text"' in plain
    assert "CREATE TABLE `notes`" in asked


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_an_unwritable_folder_is_exit_2(synth, tmp_path):
    (tmp_path / "locked").mkdir()
    (tmp_path / "locked").chmod(stat.S_IRUSR | stat.S_IXUSR)
    assert synth("generate", "text", "-o", "locked/x.jsonl").code == 2


def test_the_version_is_the_packages(synth):
    import synth_sdk

    assert synth("--version").out == f"synth {synth_sdk.__version__}\n"


def test_packs_are_listed_and_linted(synth, tmp_path):
    assert [row["name"] for row in json.loads(synth("pack", "list", "--json").out)] == synth(
        "templates", "--category", "conversation"
    ).out.split()
    good = synth("pack", "lint", "customer_support")
    assert good.code == 0
    assert "customer_support: 0 errors" in good.err
    (tmp_path / "flawed.yaml").write_text("pack: flawed\nversion: 1\nflow: 3\n")
    flawed = synth("pack", "lint", "flawed.yaml")
    assert flawed.code == 2
    assert flawed.out.startswith("flawed.yaml:")
    assert flawed.err == "synth: flawed.yaml: 1 error, 0 further findings\n"
    assert synth("pack", "lint", "customer_suport").code == 2
