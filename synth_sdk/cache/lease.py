"""Single-flight among processes: a row that says who is asking for a record.

It runs out by itself, and at once when its owner is a process of this machine that is no more: whoever repeats a killed command
waits for nobody.
"""

import asyncio
import os
import socket
import uuid
from functools import cache

from synth_sdk.cache.store import Store

_RENEWALS_PER_TERM = 3


class Lease:
    """One claim on `key` for a term of `seconds`, renewed while it is held."""

    def __init__(self, store: Store, key: str, seconds: float) -> None:
        self._store, self._key, self._seconds = store, key, seconds
        self._owner = f"{_host()} {os.getpid()} {uuid.uuid4().hex}"
        self._renewal: asyncio.TimerHandle | None = None

    def take(self) -> bool:
        """Claim the key; False while another live process has it."""
        if not self._store.claim(self._key, self._owner, self._seconds, owner_lives):
            return False
        self._renew_later()
        return True

    def release(self) -> None:
        """Give the key up; nothing if it was never taken."""
        if self._renewal is not None:
            self._renewal.cancel()
            self._renewal = None
            self._store.release(self._key, self._owner)

    def _renew_later(self) -> None:
        self._renewal = asyncio.get_running_loop().call_later(self._seconds / _RENEWALS_PER_TERM, self._renew)

    def _renew(self) -> None:
        self._store.renew(self._key, self._seconds)
        self._renew_later()


def owner_lives(owner: str) -> bool:
    """False only for a process of this machine that has ended; of another machine's the term decides."""
    host, _, rest = owner.partition(" ")
    pid = rest.partition(" ")[0]
    if host != _host() or not pid.isdigit():
        return True
    try:
        os.kill(int(pid), 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True


@cache
def _host() -> str:
    return socket.gethostname().replace(" ", "-")
