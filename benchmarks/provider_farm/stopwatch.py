"""How long decisions take, in CPU seconds of this process."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(slots=True)
class Watch:
    seconds: float = 0.0
    count: int = 0

    def timed(self, function: Callable[P, R]) -> Callable[P, R]:
        def timed(*args: P.args, **kwargs: P.kwargs) -> R:
            started = time.process_time()
            try:
                return function(*args, **kwargs)
            finally:
                self.seconds += time.process_time() - started
                self.count += 1

        return timed

    def attach(self, owner: Any, name: str) -> None:
        """Time every call of `owner.name` from now on."""
        setattr(owner, name, self.timed(getattr(owner, name)))

    @contextmanager
    def on(self, owner: Any, name: str) -> Iterator[None]:
        """Time every call of `owner.name`, for a while."""
        function = getattr(owner, name)
        self.attach(owner, name)
        try:
            yield
        finally:
            setattr(owner, name, function)
