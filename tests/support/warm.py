"""`synth` for shells, without the half second that Python and its libraries take to start: a script on PATH that hands its words, folder,
variables and open files to a process that has imported everything, which forks the command.

    with warm_synth(folder) as path: subprocess.run(["bash", "-c", "synth ... | head"], env={"PATH": path})
"""

import json
import os
import socket
import subprocess
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.forker import exiting, import_everything

_SHIM = """#!{python} -IS
import json, os, socket, sys
line = socket.socket(socket.AF_UNIX)
line.connect({address!r})
job = json.dumps({{"words": sys.argv[1:], "folder": os.getcwd(), "env": dict(os.environ)}}).encode()
socket.send_fds(line, [len(job).to_bytes(4, "big")], [0, 1, 2])
line.sendall(job)
os._exit(int(line.recv(4) or b"70"))
"""


@contextmanager
def warm_synth(folder: Path) -> Iterator[str]:
    """A PATH on which `synth` is the forked command. The process behind it ends with the `with` block."""
    address = str(folder / "synth.socket")
    (folder / "bin").mkdir()
    shim = folder / "bin" / "synth"
    shim.write_text(_SHIM.format(python=sys.executable, address=address))
    shim.chmod(0o755)
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.support.warm", address], cwd=Path(__file__).parents[2], stdout=subprocess.PIPE
    )
    try:
        assert server.stdout is not None
        assert server.stdout.readline() == b"ready\n"
        yield os.pathsep.join([str(shim.parent), str(Path(sys.executable).parent), os.environ["PATH"]])
    finally:
        server.kill()
        server.communicate()


def _serve(address: str) -> None:
    import_everything()
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(address)
    listener.listen()
    os.write(1, b"ready\n")
    while True:
        line, _ = listener.accept()
        if os.fork() == 0:
            listener.close()
            _supervise(line)
        line.close()


def _supervise(line: socket.socket) -> None:
    """Fork the command, wait for it, tell its exit code."""
    head, files, _, _ = socket.recv_fds(line, 4, 3)
    job = json.loads(_received(line, int.from_bytes(head, "big")))
    child = os.fork()
    if child == 0:
        line.close()
        exiting(_command, {**job, "files": files})
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    line.sendall(str(code if code >= 0 else 128 - code).encode())
    os._exit(0)


def _received(line: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        data += line.recv(size - len(data))
    return data


def _command(job: dict[str, object]) -> None:
    """What the console script does, in the caller's folder, with its variables and its open files alone."""
    os.chdir(str(job["folder"]))
    os.environ.clear()
    os.environ.update(job["env"])  # type: ignore[call-overload]
    for number, file in enumerate(job["files"]):  # type: ignore[arg-type, var-annotated]
        os.dup2(file, number)
        os.close(file)
    warnings.filterwarnings("error", category=ResourceWarning)
    from synth_sdk.cli.app import main

    main(list(job["words"]))  # type: ignore[call-overload]


if __name__ == "__main__":
    _serve(sys.argv[1])
