"""`examples/plugin`, as its author and its users have it: built, installed in a virtual environment of its own, each part used.

The wheel is built with the build back end at hand, and the environment sees this one's packages, so no network is needed.
"""

import json
import os
import site
import sqlite3
import subprocess
import sys
import venv
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.provider_server import ProviderServer

ROOT = Path(__file__).parents[2]
PLUGIN = ROOT / "examples" / "plugin"
PARTS = {
    ("generators", "parcel"),
    ("packs", "bike_workshop"),
    ("destinations", "zip"),
    ("providers", "acme"),
    ("rules", "arrives_after_departure"),
    ("sinks", "logfmt"),
    ("streams", "spool"),
    ("vectors", "sqlite"),
}
KEY = "MARKER-acme-0123456789"


@dataclass(frozen=True)
class Installed:
    python: Path
    folder: Path

    def run(self, *words, env=None):
        told = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "SYNTH_HOME": str(self.folder / "home"),
            "PYTHONDONTWRITEBYTECODE": "1",
            **(env or {}),
        }
        command = [str(self.python), "-W", "error", *map(str, words)]
        return subprocess.run(command, cwd=self.folder, env=told, capture_output=True, text=True, timeout=120, check=False)

    def synth(self, *words, code=0, env=None):
        done = self.run("-m", "synth_sdk.cli", *words, env=env)
        assert done.returncode == code, done.stderr
        return done


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("plugin")
    wheel = build(folder)
    venv.create(folder / "venv", with_pip=False)
    (packages,) = (folder / "venv" / "lib").glob("python3*/site-packages")
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "install", "--no-deps", "--no-index"]
    subprocess.run([*pip, "--target", packages, wheel], check=True)
    ours = [f"import site; site.addsitedir({path!r})" for path in site.getsitepackages()]
    (packages / "ours.pth").write_text("\n".join([*ours, str(ROOT), ""]))
    return Installed(folder / "venv" / "bin" / "python", folder)


def build(folder):
    """The wheel; building leaves nothing in the tree."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=PLUGIN, check=True, capture_output=True)
    (wheel,) = folder.glob("synth_acme-*.whl")
    return wheel


def test_its_own_tests_pass(installed):
    tests = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-c", PLUGIN / "pyproject.toml", PLUGIN / "tests"]
    done = installed.run(*tests)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "8 passed" in done.stdout


def test_every_part_is_listed_and_sound(installed):
    rows = json.loads(installed.synth("plugins", "list", "--json").stdout)
    theirs = {(row["group"], row["name"]) for row in rows if row["distribution"] == "synth-acme"}
    assert theirs == PARTS
    assert not any(row["builtin"] for row in rows if (row["group"], row["name"]) in PARTS)
    checked = json.loads(installed.synth("plugins", "list", "--group", "vectors", "--check", "--json").stdout)
    assert [row["why_not"] for row in checked if row["name"] == "sqlite"] == [None]


def test_kind_format_and_rule(installed):
    wish = ["generate", "parcel", "-n", "40", "--seed", "3", "--rule", "arrives_after_departure"]
    first = installed.synth(*wish, "--constraint", "carrier=DHL", "-o", "parcels.logfmt")
    assert "40 parcel records" in first.stderr
    text = (installed.folder / "parcels.logfmt").read_text()
    assert text.count("carrier=DHL") == 40
    assert installed.synth(*wish, "--constraint", "carrier=DHL", "--format", "logfmt").stdout == text
    spread = installed.synth("generate", "parcel", "-n", "6000", "--workers", "2", "--format", "logfmt", "--rule", wish[-1])
    assert spread.stdout == installed.synth("generate", "parcel", "-n", "6000", "--format", "logfmt").stdout
    assert "other processes" not in spread.stderr
    wrong = installed.synth("generate", "parcel", "--constraint", "carier=DHL", code=2)
    assert wrong.stderr == "synth: error: unknown parcel constraint 'carier': did you mean carrier?\n"


def test_pack(installed):
    told = installed.synth("generate", "conversation", "--pack", "bike_workshop", "-n", "2").stdout
    assert [json.loads(line)["meta"]["pack"] for line in told.splitlines()] == ["bike_workshop"] * 2


def test_provider(installed):
    catalogue = (PLUGIN / "models.yaml").read_text()
    (installed.folder / "home").mkdir(exist_ok=True)
    (installed.folder / "home" / "models.yaml").write_text(catalogue)
    (installed.folder / "user.yaml").write_text("{name: string, n: {type: integer, minimum: 1, maximum: 9}}")
    wish = [
        "generate",
        "json",
        "--schema",
        "user.yaml",
        "-n",
        "6",
        "--budget",
        "0.05",
        "--model",
        "acme/small",
        "--fallback",
        "none",
        "--mode",
        "llm",
    ]
    refused = installed.synth(*wish, code=2)
    assert "set ACME_API_KEY" in refused.stderr
    with ProviderServer(prices={"small": ("0.10", "0.40")}) as server:
        env = {"ACME_API_KEY": KEY, "ACME_API_BASE": f"{server.url}/v1"}
        done = installed.synth(*wish, "--provenance", "from.jsonl", env=env)
        assert len(done.stdout.splitlines()) == 6
        assert server.keys == {KEY}
    rows = [json.loads(line) for line in (installed.folder / "from.jsonl").read_text().splitlines()]
    assert {row["model"] for row in rows} == {"acme/small"}
    assert KEY not in done.stderr


def test_destination(installed):
    archive = installed.folder / "parcels.zip"
    for _ in range(2):
        installed.synth("generate", "parcel", "-n", "5", "-o", f"zip://{archive}")
    with zipfile.ZipFile(archive) as held:
        assert sorted(held.namelist()) == ["_manifest.json", "parcel.jsonl"]
        assert len(held.read("parcel.jsonl").splitlines()) == 5


def test_stream_target(installed):
    spool = installed.folder / "spool.ndjson"
    installed.synth("generate", "parcel", "-n", "5", "--stream-to", f"spool://{spool}")
    lines = [json.loads(line) for line in spool.read_text().splitlines()]
    assert len({line["id"] for line in lines}) == 5
    assert all(line["record"]["carrier"] == "ACM" for line in lines)


def test_store(installed):
    installed.synth("generate", "text", "-n", "5", "--vectorize-with", "sqlite", "-o", "texts.jsonl")
    stored = sqlite3.connect(installed.folder / "data" / "sqlite")
    assert stored.execute("SELECT count(*) FROM records").fetchone() == (5,)
    stored.close()
