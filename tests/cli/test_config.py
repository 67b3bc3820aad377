"""`synth init` and `synth config show` as a user has them, and flawed files before anything else happens."""

import json

import pytest

from tests.client.config.seed import AGENTIC_SYNTH

KEY = "AIzaSyD-0123456789-0123456789-wxyz"


def test_init_writes_a_file_that_sets_nothing_and_never_overwrites(synth, tmp_path):
    before = synth("generate", "text", "-n", 3, "--quiet").out
    done = synth("init")
    assert (done.code, done.out) == (0, "")
    assert "synth.yaml written" in done.err
    assert synth("generate", "text", "-n", 3, "--quiet").out == before
    again = synth("init")
    assert (again.code, again.out) == (2, "")
    assert "is there already: name another file with --output" in again.err
    assert synth("init", "--output", "other.yaml").code == 0
    assert (tmp_path / "other.yaml").read_text() == (tmp_path / "synth.yaml").read_text()
    assert synth("config", "show", "--config", "other.yaml").code == 0


def test_show_tells_sources_providers_and_paths_without_a_key(synth, tmp_path, home):
    (tmp_path / ".agentic-synth.json").write_text(AGENTIC_SYNTH)
    (tmp_path / ".env").write_text(f"GEMINI_API_KEY={KEY}\n")
    done = synth("config", "show")
    assert done.code == 0, done.err
    rows = {line.split()[0]: line.split() for line in done.out.splitlines()}
    assert rows["policy"] == ["policy", "cheapest", ".agentic-synth.json:models.routing.strategy"]
    assert rows["api_keys.gemini"] == ["api_keys.gemini", "...wxyz", ".agentic-synth.json:apiKeys.gemini"]
    assert f"home: {home} (environment:SYNTH_HOME)" in done.out
    assert "provider gemini: usable" in done.out
    assert "provider openrouter: set OPENROUTER_API_KEY" in done.out
    assert KEY not in done.out + done.err
    told = json.loads(synth("config", "show", "--json").out)
    assert told["settings"]["cache.max_size"]["value"] == 1000
    assert told["paths"]["home"]["value"] == str(home)


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("synth.yaml", "cache: {maxsise: 5}", "unknown key 'cache.maxsise': did you mean cache.max_size?"),
        (".agentic-synth.json", '{"models": {"routng": {}}}', "unknown key 'models.routng': did you mean models.routing?"),
        ("synth.json", '{"concurrency": "many"}', "concurrency 'many': must be a whole number"),
        (".env", "A='open", ".env, line 1: can't be read"),
    ],
)
def test_a_flaw_is_one_line_and_nothing_is_written(synth, tmp_path, name, text, says):
    (tmp_path / name).write_text(text)
    for words in (["generate", "text", "-o", "out.jsonl"], ["config", "show"], ["models"]):
        done = synth(*words)
        assert (done.code, done.out) == (2, "")
        assert says in done.err
        assert done.err.count("\n") == 1
    assert not (tmp_path / "out.jsonl").exists()


def test_of_two_files_one_counts_and_the_run_says_so(synth, tmp_path):
    (tmp_path / "synth.yaml").write_text("count: 2\nformat: csv\n")
    (tmp_path / ".agentic-synth.json").write_text("{}")
    done = synth("generate", "text")
    assert done.out.count("\n") == 3
    assert "warning: synth.yaml is read, .agentic-synth.json is not" in done.err
    assert synth("generate", "text", "-n", 1, "-o", "out.json").code == 0
    assert len(json.loads((tmp_path / "out.json").read_text())) == 1


def test_a_key_in_the_file_is_used_and_never_written_anywhere(synth, tmp_path, home, server):
    env = server.env("gemini")
    key = env.pop("GEMINI_API_KEY")
    (tmp_path / "synth.yaml").write_text(f"budget: 0.05\nfallback: [gemini-flash-lite]\napiKeys: {{gemini: {key}}}\n")
    done = synth("generate", "text", "-n", 3, "--report", "report.json", env=env)
    assert done.code == 0, done.err
    assert server.requests[0].key == key
    left = [path for path in (*tmp_path.rglob("*"), *home.rglob("*")) if path.is_file() and path.name != "synth.yaml"]
    assert left
    assert not [path for path in left if key.encode() in path.read_bytes()]
    assert key not in done.out + done.err


def test_a_flaw_in_a_key_never_quotes_it(synth, tmp_path):
    (tmp_path / "synth.yaml").write_text("apiKeys: {gemini: [AIzaSyD-0123456789-0123456789-wxyz]}\n")
    done = synth("config", "show")
    assert done.code == 2
    assert "apiKeys.gemini: must be a text" in done.err
    assert "0123456789" not in done.err
