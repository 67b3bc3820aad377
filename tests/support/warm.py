"""`synth`, and Python itself, without the seconds that they and their libraries take to start: a process that has imported everything forks
what it is asked for. Whoever asks hands over words, folder, variables and open files, hears the process id at once and the exit code at the end.

There is one such process for all workers of a test run. It starts when one first needs it, and ends when the last of them has.
"""

import contextlib
import fcntl
import gc
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import traceback
import warnings
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from synth_sdk.core import plugins

_ROOT = Path(__file__).parents[2]
_SHIM = """#!{python} -IS
import json, os, socket, sys
line = socket.socket(socket.AF_UNIX)
line.connect({address!r})
job = json.dumps({{"name": {name!r}, "words": sys.argv[1:], "folder": os.getcwd(), "env": dict(os.environ)}}).encode()
socket.send_fds(line, [len(job).to_bytes(4, "big")], [0, 1, 2])
line.sendall(job)
code = int((line.makefile().read().split() or [0, 70])[-1])
os._exit(code if code >= 0 else 128 - code)
"""


def warm_synth() -> str:
    """The command that is forked."""
    return str(_folder() / "bin" / "synth")


def warm_path() -> str:
    """A PATH on which `synth` is that command."""
    return os.pathsep.join([str(_folder() / "bin"), str(Path(sys.executable).parent), os.environ["PATH"]])


def warm_python() -> str:
    """The interpreter that is forked: takes `-c PROGRAM`, every warning is an error there."""
    return str(_folder() / "bin" / "warm-python")


def ask(words: Sequence[str], *, folder: Path, env: Mapping[str, str], files: tuple[int, int, int]) -> socket.socket:
    """Have `synth WORDS` started: what comes back is a line with its process id and, when it has ended, one with its exit code."""
    job = json.dumps({"name": "synth", "words": [*words], "folder": str(folder), "env": {**env}}).encode()
    line = socket.socket(socket.AF_UNIX)
    line.connect(str(_folder() / "socket"))
    socket.send_fds(line, [len(job).to_bytes(4, "big")], list(files))
    line.sendall(job)
    return line


@cache
def _folder() -> Path:
    """Where the process listens. The first worker of a run starts it; each keeps it alive by a lock on a file for as long as it lives."""
    folder = Path(tempfile.gettempdir()) / f"synth-warm-{os.environ.get('PYTEST_XDIST_TESTRUNUID') or os.getpid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    _keep.append(lease := (folder / "lease").open("wb"))
    fcntl.flock(lease, fcntl.LOCK_SH)
    with (folder / "start").open("wb") as start:
        fcntl.flock(start, fcntl.LOCK_EX)
        if not (folder / "socket").exists():
            _start(folder)
    return folder


_keep: list[Any] = []


def _start(folder: Path) -> None:
    (folder / "bin").mkdir(exist_ok=True)
    for name, script in (("synth", "synth"), ("python", "warm-python")):
        shim = folder / "bin" / script
        shim.write_text(_SHIM.format(python=sys.executable, address=str(folder / "socket"), name=name))
        shim.chmod(0o755)
    words = [sys.executable, "-m", "tests.support.warm", str(folder)]
    server = subprocess.Popen(words, cwd=_ROOT, stdout=subprocess.PIPE, start_new_session=True)
    _keep.append(server)
    assert server.stdout is not None
    assert server.stdout.readline() == b"ready\n"


def _serve(folder: Path) -> None:
    _end_with_the_workers(folder)
    import tests.support.everything  # noqa: F401 - takes seconds

    gc.freeze()  # what all children share is copied for none of them
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(folder / "socket"))
    listener.listen(64)
    os.write(1, b"ready\n")
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for those that wait
    while True:
        line, _ = listener.accept()
        if os.fork() == 0:
            listener.close()
            _supervise(line)
        line.close()


def _end_with_the_workers(folder: Path) -> None:
    """A child waits until nobody holds the lock, then ends this process and cleans up."""
    server = os.getpid()
    if os.fork() == 0:
        with (folder / "lease").open("rb") as lease:
            fcntl.flock(lease, fcntl.LOCK_EX)
        with contextlib.suppress(ProcessLookupError):
            os.kill(server, signal.SIGKILL)
        shutil.rmtree(folder, ignore_errors=True)
        os._exit(0)


def _supervise(line: socket.socket) -> None:
    """Fork the command, tell its process id, wait for its end, tell its exit code (negative: the signal that killed it)."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    head, files, _, _ = socket.recv_fds(line, 4, 3)
    job = json.loads(_received(line, int.from_bytes(head, "big")))
    child = os.fork()
    if child == 0:
        line.close()
        _enter(job, files)
        _exiting({"synth": _synth, "python": _python}[job["name"]], job["words"])
    for file in files:
        os.close(file)
    _tell(line, child)
    _, status = os.waitpid(child, 0)
    _tell(line, os.waitstatus_to_exitcode(status))
    os._exit(0)


def _tell(line: socket.socket, number: int) -> None:
    with contextlib.suppress(OSError):  # whoever asked may be gone
        line.sendall(f"{number}\n".encode())


def _received(line: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        data += line.recv(size - len(data))
    return data


def _enter(job: Mapping[str, Any], files: Sequence[int]) -> None:
    """The caller's folder, its variables and its open files alone; interrupts are heeded, whatever the caller does with its own."""
    os.chdir(job["folder"])
    os.environ.clear()
    os.environ.update(job["env"])
    if added := os.environ.get("PYTHONPATH"):
        sys.path[1:1] = added.split(os.pathsep)
        plugins._installed.cache_clear()
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    signal.signal(signal.SIGINT, signal.default_int_handler)


def _exiting(work: Callable[[list[str]], None], words: list[str]) -> None:
    """Do it, and end this process as Python ends: never return into the loop that was forked."""
    code = 1
    try:
        work(words)
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    except BaseException:
        traceback.print_exc()
    finally:
        with contextlib.suppress(OSError):  # a reader may be gone
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def _synth(words: list[str]) -> None:
    """What the console script does."""
    warnings.filterwarnings("error", category=ResourceWarning)
    from synth_sdk.cli.app import main

    main(words)


def _python(words: list[str]) -> None:
    """What `python -W error -c PROGRAM` does."""
    option, program, *sys.argv[1:] = words
    assert option == "-c"
    warnings.simplefilter("error")
    sys.argv[0], sys.path[0] = "-c", ""
    sys.modules["__main__"] = ModuleType("__main__")
    exec(compile(program, "<string>", "exec"), sys.modules["__main__"].__dict__)  # noqa: S102 - that is the purpose


if __name__ == "__main__":
    _serve(Path(sys.argv[1]))
