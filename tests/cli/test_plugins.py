"""`synth plugins list` and `--rule`; and that a broken plugin is in nobody's way who doesn't ask for it."""

import json
import os
import subprocess
import sys

import pytest

from synth_sdk.core.plugins import GROUPS
from tests.support.distributions import install

MODULES = {
    "acme_bad": "raise RuntimeError('a licence is missing')",
    "acme_exit": "import sys\nsys.exit(3)",
    "acme_good": (
        "def warm(record):\n    return [] if len(str(record)) % 2 else ['even']\n"
        "class Empty: ...\n"
        "class Text: ...\n"
        "class Raises:\n    def __init__(self): raise ValueError('no')\n"
    ),
    "acme_missing": "class Provider:\n    def __init__(self, env): pass\n    def missing(self): raise KeyError('x')\n",
}
ENTRIES = {
    "generators": {"text": "acme_good:Text", "bad_kind": "acme_bad:Kind", "empty": "acme_good:Empty"},
    "providers": {"acme_bad": "acme_bad:P", "acme_exit": "acme_exit:P", "acme_missing": "acme_missing:Provider"},
    "rules": {"warm": "acme_good:warm", "bad_rule": "acme_bad:r"},
    "sinks": {"bad_sink": "acme_bad:S", "raising": "acme_good:Raises"},
    "packs": {"bad_pack": "acme_bad"},
    "streams": {"bad": "acme_bad:T"},
    "vectors": {"bad_store": "acme_exit:V"},
}


@pytest.fixture
def acme(synth, tmp_path):
    """`synth` in an environment where a distribution with some good and many broken parts is installed."""
    install(tmp_path / "site", "acme-synth", ENTRIES, MODULES, "2.1")

    def run(*words, env=None):
        return synth(*words, env={"PYTHONPATH": str(tmp_path / "site"), **(env or {})})

    return run


def test_every_part_is_listed_and_none_is_loaded(acme):
    done = acme("plugins", "list")
    assert (done.code, done.err) == (0, "")
    lines = done.out.splitlines()
    assert lines[0].split() == ["group", "name", "distribution"]
    assert {line.split()[0] for line in lines[1:]} == set(GROUPS)
    assert any(line.split() == ["rules", "warm", "acme-synth", "2.1"] for line in lines)
    assert any(line.split() == ["rules", "bad_rule", "acme-synth", "2.1"] for line in lines)
    assert any(
        line.split()[:2] == ["generators", "text"] and line.endswith("not used: another part has this name") for line in lines
    )
    assert any(line.split()[:2] == ["rules", "no_placeholder"] and line.endswith("built in") for line in lines)


def test_check_loads_each_and_says_what_is_wrong(acme):
    done = acme("plugins", "list", "--check", "--json")
    assert done.code == 1
    found = {(row["group"], row["name"], row["distribution"]): row["why_not"] for row in json.loads(done.out)}
    theirs = {(group, name): why for (group, name, owner), why in found.items() if owner == "acme-synth"}
    assert theirs["rules", "warm"] is None
    assert theirs["rules", "bad_rule"] == "rule 'bad_rule' of acme-synth 2.1 can't be loaded: RuntimeError: a licence is missing"
    assert theirs["providers", "acme_exit"].endswith("SystemExit: 3")
    assert theirs["generators", "empty"] == "it lacks kind, batch, request, said, features"
    assert theirs["generators", "text"] == "another distribution's part has this name"
    assert all(theirs[key] for key in theirs if "bad" in key[1])
    assert "of them broken" in done.err


def test_one_group(acme):
    rows = json.loads(acme("plugins", "list", "--group", "rules", "--json").out)
    assert {row["group"] for row in rows} == {"rules"}
    assert rows[-1].keys() == {"group", "name", "distribution", "version", "target", "builtin", "used"}
    done = acme("plugins", "list", "--group", "rule")
    assert (done.code, done.err) == (2, "synth: error: unknown group of plugins 'rule': did you mean rules?\n")


def test_our_own_parts_are_all_sound(synth):
    parts = json.loads(synth("plugins", "list", "--check", "--json").out)
    assert [(part["group"], part["name"], part["why_not"]) for part in parts if part["builtin"] and part["why_not"]] == []


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["bad_kind"], "generator 'bad_kind' of acme-synth 2.1 can't be loaded: RuntimeError: a licence is missing"),
        (["text", "--rule", "bad_rule"], "rule 'bad_rule' of acme-synth 2.1 can't be loaded: RuntimeError: a licence is missing"),
        (
            ["text", "--format", "bad_sink"],
            "sink 'bad_sink' of acme-synth 2.1 can't be loaded: RuntimeError: a licence is missing",
        ),
        (["text", "--format", "raising"], "sink 'raising' of acme-synth 2.1 can't be made: ValueError: no"),
        (
            ["conversation", "--pack", "bad_pack"],
            "pack 'bad_pack' of acme-synth 2.1 can't be loaded: RuntimeError: a licence is missing",
        ),
        (["text", "--rule", "wram"], "unknown rule 'wram': did you mean warm?"),
    ],
)
def test_a_broken_part_that_is_asked_for_is_one_line(acme, tmp_path, words, told):
    done = acme("generate", *words, "-o", "out.txt")
    assert (done.code, done.err) == (2, f"synth: error: {told}\n")
    assert not (tmp_path / "out.txt").exists()


def test_broken_parts_are_in_nobodys_way(acme, tmp_path):
    assert acme("generate", "text", "-n", 3, "-o", "out.csv").code == 0
    done = acme("generate", "text", "-n", 3, "-o", "out.yaml")
    assert done.code == 2
    assert "no format has the suffix '.yaml'" in done.err
    assert "sink 'bad_sink' of acme-synth 2.1 can't be loaded" in done.err
    assert acme("models").code == 0
    assert "a licence is missing" in acme("pack", "list").out


def test_a_name_that_two_claim_is_told_where_it_is_used(acme):
    done = acme("generate", "text", "-n", 2)
    assert done.code == 0
    assert "warning: generator 'text' of acme-synth 2.1 is not used: the built-in one has that name" in done.err
    assert "warning" not in acme("generate", "log_event", "-n", 2).err


def test_rule(acme, tmp_path):
    done = acme("generate", "text", "-n", 40, "--rule", "warm", "--rule", "no_placeholder", "--rejects", "no.jsonl")
    kept = [json.loads(line) for line in done.out.splitlines()]
    assert done.code == 3
    assert 0 < len(kept) < 40
    assert all(len(str(record)) % 2 for record in kept)
    rejects = [json.loads(line) for line in (tmp_path / "no.jsonl").read_text().splitlines()]
    assert len(rejects) == 40 - len(kept)
    assert rejects[0]["reason"] == "rule warm: even"
    assert f"error: {len(rejects)} records not delivered: rule warm: even" in done.err


def test_a_strangers_rule_in_other_processes(acme, tmp_path):
    wish = ["generate", "agent_trace", "-n", "4200", "--rule", "warm"]
    done = acme(*wish, "--workers", 2, "-o", "two.jsonl")
    assert done.code == 3
    assert "other processes" not in done.err
    acme(*wish, "-o", "one.jsonl")
    assert (tmp_path / "one.jsonl").read_bytes() == (tmp_path / "two.jsonl").read_bytes()


def test_listing_loads_nothing_heavy(acme):
    code = "import sys; from synth_sdk.cli import main\ntry: main(['plugins', 'list'])\nexcept SystemExit: pass\n"
    code += (
        "print([name for name in ('numpy', 'pyarrow', 'faker', 'jsonschema', 'litellm') if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={"PATH": os.environ["PATH"]}
    )
    assert done.stderr.strip() == "[]"
