"""Work that is done behind its caller's back, in order, while the caller makes the next piece."""

from collections.abc import Callable
from queue import Queue
from threading import Thread
from typing import Generic, TypeVar

T = TypeVar("T")
_WAITING = 2  # items that may wait while the next is made


class Behind(Generic[T]):
    """Does `work` on each item in a thread of its own. An error there is raised at the next `put`, or by `close`."""

    def __init__(self, work: Callable[[T], None]) -> None:
        self._work = work
        self._items: Queue[tuple[T] | None] = Queue(_WAITING)
        self._error: BaseException | None = None
        self._thread = Thread(target=self._run, daemon=True)
        self._thread.start()

    def put(self, item: T) -> None:
        self._items.put((item,))
        self._check()

    def close(self) -> None:
        """Wait until everything is done."""
        self._end()
        self._check()

    def abandon(self) -> None:
        """Do nothing more, save what was begun."""
        self._error = self._error or EOFError()
        self._end()

    def _end(self) -> None:
        if self._thread.is_alive():
            self._items.put(None)
            self._thread.join()

    def _check(self) -> None:
        if self._error:
            raise self._error

    def _run(self) -> None:
        while found := self._items.get():
            if self._error is None:
                try:
                    self._work(found[0])
                except BaseException as error:
                    self._error = error
