"""How generation gives up on a place, and how much work a record may cost."""

from dataclasses import dataclass


class DeadEnd(Exception):
    """No value was found here; a signal between tries, never shown. `certain` says that the constraints contradict each other, so none exists on this branch."""

    def __init__(self, reason: str, *, pointer: str, keyword: str, certain: bool = False) -> None:
        super().__init__(reason)
        self.reason, self.pointer, self.keyword, self.certain = reason, pointer, keyword, certain


class Exhausted(DeadEnd):
    """The work allowed for one record is used up; no further try is made."""


@dataclass(slots=True)
class Fuel:
    """Steps left for one record, all tries together. A step is one value made or one branch merged."""

    left: int

    def burn(self, pointer: str, keyword: str, steps: int = 1) -> None:
        self.left -= steps
        if self.left < 0:
            raise Exhausted("no valid value was found within the work allowed for one record", pointer=pointer, keyword=keyword)
