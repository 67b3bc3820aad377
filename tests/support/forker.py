"""A process that has imported everything and forks a `synth` command for each line it reads (`tests.support.commands`).

A line is a JSON object: `words`, `env`, `folder` (where to work) and `told` (a path: standard error goes there, standard output to
`told.out`, the exit code in the end to `told.code`). The answer is a line with the command's process id.
"""

import json
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any


def import_everything() -> None:
    os.environ |= {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_MODE": "PRODUCTION"}
    import diskcache  # noqa: F401
    import instructor  # noqa: F401
    import litellm  # noqa: F401

    import synth_sdk.cli.app
    import synth_sdk.client.delivery
    import synth_sdk.providers.base  # noqa: F401
    from synth_sdk import Synth

    with tempfile.TemporaryDirectory() as home:  # what a plan reads and compiles needn't be read by each child
        synth = Synth(env={"GEMINI_API_KEY": "none", "SYNTH_HOME": home}, budget=1, mode="llm")
        for kind, wish in (
            ("conversation", {}),
            ("json", {"schema": {"type": "object", "properties": {"a": {"type": "string"}}}}),
        ):
            synth.plan(kind, count=2, **wish)


def command(job: dict[str, Any]) -> None:
    """What the console script does, in `folder`, with only `env` and what is needed to run at all."""
    os.chdir(job["folder"])
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    os.environ.clear()
    os.environ.update({**kept, "COLUMNS": "110", **job["env"]})
    for number, path in ((0, os.devnull), (1, f"{job['told']}.out"), (2, job["told"])):
        os.dup2(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), number)
    from synth_sdk.cli.app import main

    main(job["words"])


def supervised(job: dict[str, Any]) -> None:
    """Fork the command, tell its process id, wait for its end and note its exit code (negative: the signal that killed it)."""
    child = os.fork()
    if child == 0:
        exiting(command, job)
    os.write(1, f"{child}\n".encode())
    _, status = os.waitpid(child, 0)
    code = Path(f"{job['told']}.code")
    code.with_suffix(".new").write_text(str(os.waitstatus_to_exitcode(status)))
    code.with_suffix(".new").replace(code)


def exiting(work: Callable[[dict[str, Any]], None], job: dict[str, Any]) -> None:
    """Do it, and end this process as Python ends: never return into the loop that was forked."""
    code = 1
    try:
        work(job)
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def main() -> None:
    import_everything()
    while line := sys.stdin.readline():
        if os.fork() == 0:
            exiting(supervised, json.loads(line))


if __name__ == "__main__":
    main()
