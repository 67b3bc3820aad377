"""`synth pack`: as a user has it, a pack of an installed distribution included."""

import json
import os
import subprocess
import sys

import pytest


def test_list(synth):
    told = synth("pack", "list")
    rows = json.loads(synth("pack", "list", "--json").out)
    assert told.code == 0
    assert [line.split()[0] for line in told.out.splitlines()[1:]] == [row["name"] for row in rows]
    assert told.out.split()[:4] == ["name", "languages", "goals", "description"]
    assert {"name", "languages", "goals", "description"} <= rows[0].keys()
    assert synth("templates", "--category", "conversation").out.split() == [row["name"] for row in rows]


def test_show(synth):
    told = synth("pack", "show", "customer_support")
    page = json.loads(synth("pack", "show", "customer_support", "--json").out)
    assert told.code == 0
    assert "infeasible" in told.out
    assert "\ntools\n" in told.out
    for group in ("goals", "personas", "agents", "tools", "acts"):
        assert all(f"\n  {item['name']}" in told.out for item in page[group])


def test_new_lint_play(synth, tmp_path):
    made = synth("pack", "new", "bikes")
    assert (made.code, made.out) == (0, "")
    assert "synth: wrote bikes.yaml" in made.err
    linted = synth("pack", "lint", "bikes.yaml")
    assert (linted.code, linted.err) == (0, "synth: bikes.yaml: 0 errors, 1 further finding\n")
    assert synth("generate", "conversation", "--pack", "bikes.yaml", "-n", 3).out.count("\n") == 3
    again = synth("pack", "new", "bikes")
    assert (again.code, again.err) == (2, "synth: error: output 'bikes.yaml' exists: give another name with -o\n")
    assert synth("pack", "new", "bikes", "--output", "more.yaml").code == 0
    assert (tmp_path / "more.yaml").read_text() == (tmp_path / "bikes.yaml").read_text()
    assert synth("pack", "new", "two words").code == 2


def test_lint_of_a_broken_pack(synth, tmp_path):
    synth("pack", "new", "bikes")
    path = tmp_path / "bikes.yaml"
    text = path.read_text()
    path.write_text(text.replace("bye: {agent: bye, next: end}", "bye: {agent: bye, next: thanks}"))
    done = synth("pack", "lint", "bikes.yaml")
    assert done.code == 2
    assert "bikes.yaml:" in done.out
    assert ": error: " in done.out
    assert "[flow]" in done.out
    findings = json.loads(synth("pack", "lint", "bikes.yaml", "--json").out)
    assert {"rule", "level", "message", "file", "line"} == findings[0].keys()
    line = path.read_text().splitlines()[findings[0]["line"] - 1]
    assert line.strip().startswith(findings[0]["message"].split(".")[1].split()[0])
    path.write_text(text.replace("say:", "sya:"))
    done = synth("pack", "lint", "bikes.yaml")
    assert (done.code, done.out.count("\n")) == (2, 1)
    assert "did you mean say?" in done.out


@pytest.mark.parametrize("command", ["show", "lint"])
def test_unknown_packs_offer_the_nearest(synth, command):
    done = synth("pack", command, "costumer_support")
    assert (done.code, done.out) == (2, "")
    assert "unknown pack 'costumer_support': did you mean customer_support?" in done.err


def test_a_pack_of_an_installed_distribution(tmp_path, home):
    """A wheel with one pack and its entry point, put where pip puts it."""
    source, site = tmp_path / "source", tmp_path / "site"
    folder = source / "bike_packs" / "bikes"
    folder.mkdir(parents=True)
    (source / "bike_packs" / "__init__.py").write_text("")
    (source / "bike_packs" / "other.py").write_text("")
    (source / "pyproject.toml").write_text(
        '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n'
        '[project]\nname = "bike-packs"\nversion = "1.0"\n'
        '[project.entry-points."synth_sdk.packs"]\nbikes = "bike_packs"\nboats = "bike_packs"\ncars = "bike_packs.other"\n'
        '[tool.hatch.build.targets.wheel]\npackages = ["bike_packs"]\n'
    )

    def synth(*words):
        env = {
            "PATH": os.environ["PATH"],
            "HOME": str(tmp_path),
            "SYNTH_HOME": str(home),
            "PYTHONPATH": os.pathsep.join([str(site), *sys.path]),
        }
        return subprocess.run(
            [sys.executable, "-m", "synth_sdk.cli", *words], cwd=tmp_path, env=env, capture_output=True, text=True, check=False
        )

    assert synth("pack", "new", "bikes", "-o", str(folder / "pack.yaml")).returncode == 0
    install = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "--no-index",
        "--target",
        site,
        source,
    ]
    subprocess.run(install, check=True, capture_output=True)
    rows = {row["name"]: row for row in json.loads(synth("pack", "list", "--json").stdout)}
    assert rows["bikes"]["goals"] == 3
    assert "there is no such file" in rows["boats"]["error"]
    assert "is not a package" in rows["cars"]["error"]
    made = synth("generate", "conversation", "--pack", "bikes", "-n", "2")
    assert [json.loads(line)["meta"]["pack"] for line in made.stdout.splitlines()] == ["bikes", "bikes"]
    assert "did you mean bikes?" in synth("pack", "show", "bike").stderr
    assert synth("pack", "lint", "boats").returncode == 2
