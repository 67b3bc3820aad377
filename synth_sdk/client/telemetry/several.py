"""Several observers as one."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager

from synth_sdk.core.observing import CallEnd, CallFacts, CallWatch, Observer, RunEnd, RunFacts, RunWatch


class Several:
    """Tells each of `observers`, in their order."""

    def __init__(self, observers: Sequence[Observer]) -> None:
        self._observers = observers

    @contextmanager
    def run(self, facts: RunFacts) -> Iterator[RunWatch]:
        with ExitStack() as stack:
            yield _Runs([stack.enter_context(one.run(facts)) for one in self._observers])


class _Runs:
    def __init__(self, watches: Sequence[RunWatch]) -> None:
        self._watches = watches

    @contextmanager
    def call(self, facts: CallFacts) -> Iterator[CallWatch]:
        with ExitStack() as stack:
            yield _Calls([stack.enter_context(one.call(facts)) for one in self._watches])

    def delivered(self, origins: Mapping[str, int]) -> None:
        for one in self._watches:
            one.delivered(origins)

    def ended(self, end: RunEnd) -> None:
        for one in self._watches:
            one.ended(end)


class _Calls:
    def __init__(self, watches: Sequence[CallWatch]) -> None:
        self._watches = watches

    def ended(self, end: CallEnd) -> None:
        for one in self._watches:
            one.ended(end)
