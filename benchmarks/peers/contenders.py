"""Who is compared: how each is started, in a process of its own, for one job."""

import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.peers.work import Visitor

ROOT = Path(__file__).parents[2]
NAMES = {"curator": "bespokelabs-curator", "data_designer": "data-designer"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """`count` records from the server at `url`. What is kept between runs lies in `home`."""

    url: str
    count: int
    home: Path
    concurrency: int
    budget: str = "5"

    @property
    def output(self) -> Path:
        return self.home / "records.jsonl"


@dataclass(frozen=True, slots=True)
class Contender:
    """`exits`: those of a run that delivered what it could."""

    name: str
    command: Callable[[Job], Sequence[str]]
    env: Callable[[Job], Mapping[str, str]]
    exits: tuple[int, ...] = (0,)


def synth(records_per_call: str = "1") -> Contender:
    """The command line on OpenRouter's wire, one arm and no fallback."""

    def command(job: Job) -> Sequence[str]:
        schema = job.home / "schema.json"
        schema.write_text(json.dumps(Visitor.model_json_schema()))
        words = (
            f"generate json --mode llm --model deepseek-v4-flash --fallback none --records-per-call {records_per_call} --quiet"
        )
        numbers = ["-n", str(job.count), "--concurrency", str(job.concurrency), "--budget", job.budget]
        paths = ["--schema", str(schema), "-o", str(job.output)]
        return [sys.executable, "-m", "synth_sdk.cli", *words.split(), *numbers, *paths]

    def env(job: Job) -> Mapping[str, str]:
        wire = {"OPENROUTER_API_KEY": "loopback", "SYNTH_OPENROUTER_API_BASE": job.url.replace("/v1", "/api/v1")}
        return {**_plain(job), **wire, "SYNTH_HOME": str(job.home / "synth")}

    return Contender("synth" if records_per_call == "1" else f"synth, {records_per_call}", command, env, exits=(0, 3))


def curator(python: str, backend: str) -> Contender:
    """bespokelabs-curator by one of its two backends for chat completions."""

    def command(job: Job) -> Sequence[str]:
        module = [python, "-m", "benchmarks.peers.curator_client"]
        return [*module, backend, job.url, str(job.count), str(job.concurrency), str(job.output)]

    return Contender(f"curator, {backend}", command, _peer_env)


def data_designer(python: str) -> Contender:
    def command(job: Job) -> Sequence[str]:
        module = [python, "-m", "benchmarks.peers.data_designer_client"]
        return [*module, job.url, str(job.count), str(job.concurrency), str(job.home / "artifacts"), str(job.output)]

    return Contender("data-designer", command, _peer_env)


def version(python: str, peer: str) -> str:
    """The distribution and its version, or why there is none."""
    told = subprocess.run(
        [python, "-c", f"import importlib.metadata as m; print(m.version({NAMES[peer]!r}))"], capture_output=True, text=True
    )
    return f"{NAMES[peer]} {told.stdout.strip() or 'is not installed there'}"


def _plain(job: Job) -> dict[str, str]:
    """No credential and no proxy of ours; a home of its own."""
    return {"PATH": os.environ["PATH"], "HOME": str(job.home), "NO_PROXY": "127.0.0.1", "PYTHONPATH": str(ROOT)}


def _peer_env(job: Job) -> Mapping[str, str]:
    """Nothing is fetched or sent while measuring: no telemetry, no hub, no price list; and the tokenizer that both of them
    download at their first use is the copy that litellm's package has."""
    off = {"TELEMETRY_ENABLED": "false", "NEMO_TELEMETRY_ENABLED": "false", "HF_HUB_OFFLINE": "1"}
    quiet = {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "CURATOR_DISABLE_RICH_DISPLAY": "1"}
    return {**_plain(job), **off, **quiet, "OPENAI_API_KEY": "loopback", "TIKTOKEN_CACHE_DIR": str(_tokenizers())}


def _tokenizers() -> Path:
    package = importlib.util.find_spec("litellm")
    assert package is not None
    assert package.origin is not None
    return Path(package.origin).parent / "litellm_core_utils" / "tokenizers"
