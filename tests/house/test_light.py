"""What costs nothing loads nothing: imports, help and offline runs stay away from the HTTP stack."""

import json
import subprocess
import sys

import pytest

HTTP = ["litellm", "instructor", "openai", "aiohttp", "boto3", "botocore"]
COLUMNS = ["numpy", "pandas", "pyarrow"]


def loaded_after(code, tmp_path, heavy):
    report = f"import sys; print([name for name in {heavy} if name in sys.modules])"
    program = f"import sys, io\nkeep, sys.stdout = sys.stdout, io.StringIO()\ntry:\n    {code}\nexcept SystemExit:\n    pass\nsys.stdout = keep\n{report}"
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
        env={"SYNTH_HOME": str(tmp_path), "PATH": ""},
    )
    return done.stdout.strip()


@pytest.mark.parametrize(
    "code",
    [
        "import synth_sdk",
        "from synth_sdk import Synth",
        "from synth_sdk.cli import main; main(['--help'])",
        "from synth_sdk.cli import main; main(['models'])",
        "from synth_sdk.cli import main; main(['cache', 'stats'])",
        "from synth_sdk.cli import main; main(['templates'])",
        "from synth_sdk.cli import main; main(['pack', 'list'])",
        "from synth_sdk.cli import main; main(['config', 'show'])",
        "from synth_sdk.cli import main; main(['plugins', 'list'])",
        "from synth_sdk.cli import main; main(['runs', 'list'])",
    ],
)
def test_nothing_heavy_is_loaded(code, tmp_path):
    assert loaded_after(code, tmp_path, HTTP + COLUMNS) == "[]"


@pytest.mark.parametrize(
    "code",
    [
        "from synth_sdk.cli import main; main(['generate', 'conversation', '-n', '3'])",
        "from synth_sdk.cli import main; main(['plan', 'conversation', '-n', '3', '--budget', '1', '--fallback', 'faker'])",
        "from synth_sdk.cli import main; main(['generate', 'tool_call', '-n', '3'])",
    ],
)
def test_offline_records_are_made_without_the_http_stack(code, tmp_path):
    assert loaded_after(code, tmp_path, HTTP) == "[]"


@pytest.mark.parametrize("kind", ["conversation", "text", "user_profile", "transaction", "events", "timeseries"])
def test_arrow_is_used_without_pandas(kind, tmp_path):
    """It takes half a second to load, where it is installed."""
    assert loaded_after(f"from synth_sdk.cli import main; main(['generate', '{kind}', '-n', '3'])", tmp_path, ["pandas"]) == "[]"


@pytest.mark.parametrize("output", ["x.json", "x.csv", "x.sql", "x.xml", "x.parquet", "sqlite:///x.db"])
def test_formats_are_written_without_pandas(output, tmp_path):
    kinds = {"s": "string", "n": "number", "b": "boolean"}
    schema = {name: {"type": kind, "nullable": True} for name, kind in kinds.items()}
    lists = {"l": {"type": ["array", "null"], "items": {"type": ["string", "null"]}}}
    (tmp_path / "s.json").write_text(json.dumps(schema | lists))
    code = f"from synth_sdk.cli import main; main(['generate', 'json', '--schema', 's.json', '-n', '50', '-o', '{output}'])"
    assert loaded_after(code, tmp_path, ["pandas"]) == "[]"
    assert (tmp_path / output.removeprefix("sqlite:///")).exists()


def test_importing_the_package_loads_no_third_party_module(tmp_path):
    code = "import sys; before = set(sys.modules); import synth_sdk; print(sorted({name.split('.')[0] for name in set(sys.modules) - before} - set(sys.stdlib_module_names)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert done.stdout.strip() == "['synth_sdk']"
