"""Child processes that can be interrupted, and that don't outlive their test."""

import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any


@contextmanager
def child(words: Sequence[Any], **options: Any) -> Iterator["subprocess.Popen[str]"]:
    """A running command. It takes SIGINT also where this process ignores it, as one in the background of a shell does."""

    def heed_interrupts() -> None:
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    with subprocess.Popen([str(word) for word in words], text=True, preexec_fn=heed_interrupts, **options) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()
