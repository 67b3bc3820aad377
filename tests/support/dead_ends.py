"""Places on loopback where nobody answers: one that refuses connections, one that takes them and is silent for ever."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def refusing() -> Iterator[str]:
    """A URL at which every connection is refused. The port is taken (but not listened at), so nobody else can get it."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"


@contextmanager
def black_hole() -> Iterator[str]:
    """A URL at which connections stand and requests are taken, by the kernel, and nothing ever comes back."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(1024)
        yield f"http://127.0.0.1:{silent.getsockname()[1]}"
