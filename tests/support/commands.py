"""The command `synth` in processes of its own that start at once, can be killed at any moment, and are looked at from outside.

They are forked from a process that has imported everything, so that a killed run costs tenths of a second, not seconds.
"""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

_PAUSE = 0.002


@cache
def _forker() -> "subprocess.Popen[str]":
    """One for this process, started when first used; it ends when this process does."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.support.forker"],
        cwd=Path(__file__).parents[2],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1,
    )


@dataclass(frozen=True, slots=True)
class Running:
    """A command under way. What it says goes to the file `told`."""

    pid: int
    told: Path

    def kill(self) -> None:
        """As `kill -9` does: no handler, no clean-up."""
        if self.alive:
            os.kill(self.pid, signal.SIGKILL)
            self.wait()

    @property
    def alive(self) -> bool:
        return not self._code.exists()

    def wait(self, seconds: float = 60.0) -> int:
        """Its exit code. TimeoutError (and the process is killed) when it hangs."""
        deadline = time.monotonic() + seconds
        while self.alive:
            if time.monotonic() > deadline:
                os.kill(self.pid, signal.SIGKILL)
                raise TimeoutError(f"no end within {seconds:g} s: {self.said}")
            time.sleep(_PAUSE)
        return int(self._code.read_text())

    @property
    def _code(self) -> Path:
        return Path(f"{self.told}.code")

    @property
    def said(self) -> str:
        """Its standard error so far."""
        return self.told.read_text()


@dataclass(frozen=True, slots=True)
class Place:
    """A folder to work in, with a SYNTH_HOME of its own and the variables that point to the providers."""

    folder: Path
    env: Mapping[str, str] = field(default_factory=dict)

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @contextmanager
    def running(self, *words: Any) -> Iterator[Running]:
        """`synth WORDS...`, killed at the end if it is still there."""
        self.folder.mkdir(parents=True, exist_ok=True)
        told = self.folder / f"said-{time.monotonic_ns()}.txt"
        told.touch()
        env = {**self.env, "SYNTH_HOME": str(self.home)}
        job = {"words": [str(word) for word in words], "env": env, "folder": str(self.folder), "told": str(told)}
        forker = _forker()
        assert forker.stdin is not None and forker.stdout is not None  # noqa: PT018 - pipes
        forker.stdin.write(json.dumps(job) + "\n")
        running = Running(int(forker.stdout.readline()), told)
        try:
            yield running
        finally:
            running.kill()

    def run(self, *words: Any) -> tuple[int, str]:
        """`synth WORDS...` to its end: exit code and standard error."""
        with self.running(*words) as running:
            return running.wait(), running.said

    def unsettled(self) -> int:
        """Calls that were under way when their processes were killed: reserved, but neither settled nor given up."""
        return sum(row[0] for row in self._ask("SELECT count(*) FROM holds WHERE kept = 0"))

    def booked(self) -> tuple[int, int]:
        """(settled, held) of all accounts in all their epochs, in micro-dollars."""
        ((settled, held),) = self._ask("SELECT coalesce(sum(settled), 0), coalesce(sum(held), 0) FROM accounts")
        return settled, held

    def closed(self) -> bool:
        """Some account has been closed: its run says that it is over."""
        return bool(self._ask("SELECT 1 FROM accounts WHERE finished LIMIT 1"))

    def _ask(self, sql: str) -> list[Any]:
        path = self.home / "ledger.sqlite3"
        if not path.exists():
            return [(0,)] if "count" in sql else [(0, 0)] if "sum" in sql else []
        with closing(sqlite3.connect(path, timeout=10)) as ledger:
            return ledger.execute(sql).fetchall()
