"""The words that a model puts around calls which are dictated, taken part by part."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from synth_sdk.core.errors import Rejected
from synth_sdk.dialogue import sanitise
from synth_sdk.generators.tool_call.ask import Ask
from synth_sdk.generators.tool_call.grounding import ungrounded
from synth_sdk.generators.tool_call.sources import Sources, as_text, stems, told_by

_LONGEST = 4_000  # characters of a part
_TOLD_FAULTS = 3
_NO_PLAIN_WORD = re.compile(r"[\W\d_]|[a-z][A-Z]")


class Parts:
    """A part that can't be used leaves the offline words in its place; at least one must be usable."""

    def __init__(self) -> None:
        self._used = 0
        self._faults: list[str] = []

    def take(self, name: str, given: str, offline: str, check: Callable[[str], None]) -> str:
        """`given`, cleaned, or `offline` if that or `check` raises Rejected, or if both say the same."""
        try:
            if not given.strip():
                raise Rejected("it is missing, or repeats the worked example")
            text = sanitise(given)
            if len(text) > _LONGEST:
                raise Rejected(f"longer than {_LONGEST} characters")
            check(text)
            if _folded(text) == _folded(offline):
                raise Rejected("it must be in words of your own")
        except Rejected as flaw:
            self._faults.append(f"{name}: {flaw.message}")
            return offline
        self._used += 1
        return text

    def close(self) -> None:
        """Rejected with the first faults if no part was used."""
        if not self._used:
            raise Rejected("; ".join(self._faults[:_TOLD_FAULTS]))


def check_request(text: str, turns: Sequence[Sequence[Ask]], uses: Mapping[str, str], offline: str) -> None:
    """Rejected unless `text` asks for the calls of `turns` as a person would.

    It says every value that the calls hold, save those that the second turn takes from the first (`uses`), with at least half of the
    values' words that the `offline` request holds. It tells nothing that neither of them does: another number or name would ask for
    another call. It names no tool and no parameter.
    """
    asks = [ask for turn in turns for ask in turn]
    if name := next(_named(text, asks), None):
        raise Rejected(f"it names {name!r}: say it as a person would")
    said = text
    for turn in turns:
        for ask in turn:
            if lost := ungrounded(ask.arguments, ask.tool.parameters, said):
                raise Rejected(f"it doesn't say {', '.join(lost)} of {ask.tool.name}")
        said = " ".join([said, *(as_text(ask.result) for ask in turn)])
    values = [value for place, turn in enumerate(turns) for value in told_by(turn, uses if place else {})]
    matter = stems(" ".join(values))
    if 2 * len(matter & stems(text)) < len(matter & stems(offline)):
        raise Rejected("it speaks of something else than the arguments")
    check_told(text, Sources(offline, *values))


def check_told(text: str, sources: Sources) -> None:
    """Rejected for a figure, date, code, address or name that nobody told before."""
    if news := sources.news(text):
        raise Rejected(f"{news!r} was told by nobody before")


def _named(text: str, asks: Sequence[Ask]) -> Iterator[str]:
    """Names of tools and parameters in `text`, as far as they are no plain words and no values."""
    names = {name for ask in asks for name in (ask.tool.name, *ask.tool.parameters.get("properties", {}))}
    values = " ".join(told_by(asks))
    for name in sorted(names):
        if _NO_PLAIN_WORD.search(name) and name not in values and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text):
            yield name


def _folded(text: str) -> str:
    return "".join(char for char in text.casefold() if char.isalnum())
