"""The built wheel, in a virtual environment of its own, runs the README's first command.

The wheel is built with the build back end at hand and sees this environment's dependencies, so no network is needed.
"""

import json
import site
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_wheel_installs_and_runs(tmp_path):
    subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "wheel",
            "--quiet",
            "--no-deps",
            "--no-build-isolation",
            "--wheel-dir",
            tmp_path,
            str(ROOT),
        ],
        check=True,
    )
    (wheel,) = tmp_path.glob("synth_data_sdk-*.whl")
    venv.create(tmp_path / "venv", with_pip=False)
    python = tmp_path / "venv" / "bin" / "python"
    (folder,) = (tmp_path / "venv" / "lib").glob("python3*/site-packages")
    install = [sys.executable, "-m", "pip", "--quiet", "install", "--no-deps", "--no-compile", "--target", folder, wheel]
    subprocess.run(install, check=True)
    (folder / "dependencies.pth").write_text("\n".join(site.getsitepackages()))
    done = subprocess.run(
        [python, "-c", "import synth_sdk, sys; from synth_sdk.cli import main; print(synth_sdk.__file__, file=sys.stderr); main(['generate', 'conversation', '-n', '20'])"],
        cwd=tmp_path, env={"SYNTH_HOME": str(tmp_path / "home"), "PATH": ""}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert str(folder) in done.stderr
    records = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(records) == 20
    assert any(message.get("tool_calls") for record in records for message in record["messages"])
