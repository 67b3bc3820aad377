"""Values not drawn yet: what a traced method gets instead of random ones, and puts into its text.

A `Draft` is a str of a few letters that no provider uses; joined, formatted, or changed in case it can still be found in the final
text. `Digits` stands for a whole number. An operation that needs to know the value raises `Fork`: the method is then run again, once
for each value.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from synth_sdk.engine.corpora.rewriting import first_word, rewrite, rewrite_text
from synth_sdk.engine.grammar.model import Grammar, Number

_UPPER, _LOWER = 0x10400, 0x10428  # the Deseret alphabet: 40 letters that have case, and that normalisation leaves alone
_BASE = 32
_DRAFT = re.compile("([\U00010400-\U0001044f]{3})([\U00010400-\U0001044f]{3})")
_MARK = chr(_LOWER) + chr(_UPPER) + chr(_LOWER)  # its case tells afterwards what was done to the text
_CASES: dict[str, Callable[[str], str]] = {
    "lUl": str,
    "lll": str.lower,
    "UUU": str.upper,
    "Ull": str.title,
    "UUl": lambda text: text[:1].upper() + text[1:],
}
_PADDED = re.compile(r"(?:0([1-9]\d?))?d?\Z")


class Untraceable(Exception):
    """The method does something with its random values that a grammar can't express."""


class Fork(Exception):
    """Draw number `step` has to be decided: one run for each of `cases`, with these odds (None: all alike)."""

    def __init__(self, step: int, cases: Sequence[Any], odds: Sequence[float] | None = None) -> None:
        super().__init__(f"draw {step}")
        self.step, self.cases, self.odds = step, cases, None if odds is None else tuple(odds)


class Probe(Exception):
    """Draw number `step`, a whole number from `low` to `high`, goes into a text by `%d`, which only takes real numbers."""

    def __init__(self, step: int, low: int, high: int) -> None:
        super().__init__(f"draw {step}")
        self.step, self.low, self.high = step, low, high


@dataclass(frozen=True, slots=True)
class Pending:
    """What one Draft stands for: a grammar that came of draw number `step`."""

    step: int
    grammar: Grammar


class Drafts:
    """The values that one run of a method holds back. `decide(step)` is the Fork, or whatever else, that decides a draw."""

    def __init__(self, decide: Callable[[int], Exception]) -> None:
        self.decide = decide
        self._pending: list[Pending] = []

    def add(self, step: int, grammar: Grammar) -> "Draft":
        """A new Draft for `grammar`."""
        number = len(self._pending)
        if number >= _BASE**3:
            raise Untraceable("too many values in one text")
        self._pending.append(Pending(step, grammar))
        digits = (number // _BASE**2, number // _BASE % _BASE, number % _BASE)
        return Draft(_MARK + "".join(chr(_LOWER + digit) for digit in digits), self, step)

    def read(self, text: str) -> Iterator[Pending | str]:
        """The literals and the pending values of `text` in order; a change of case is carried out on the latter."""
        position = 0
        for found in _DRAFT.finditer(text):
            if found.start() > position:
                yield text[position : found.start()]
            yield self._item(*found.groups())
            position = found.end()
        if position < len(text):
            yield text[position:]

    def rewritten(self, text: str, change: Callable[[str], str]) -> str:
        """`text` after `change`, which is made to its literals and to all that its pending values may become."""
        items = list(self.read(str.__str__(text)))
        done: list[str] = []
        for place, item in enumerate(items):
            start, end = place == 0, place == len(items) - 1
            if isinstance(item, Pending):
                done.append(self.add(item.step, rewrite(item.grammar, change, start=start, end=end)))
            else:
                done.append(rewrite_text(item, change, start=start, end=end))
        return done[0] if len(done) == 1 else "".join(done)

    def _item(self, case: str, digits: str) -> Pending:
        number = 0
        for letter in digits.lower():
            number = number * _BASE + ord(letter) - _LOWER
        change = _CASES["".join("U" if letter.isupper() else "l" for letter in case)]
        item = self._pending[number]
        return item if change is str else Pending(item.step, rewrite(item.grammar, change))


class Draft(str):
    """The text of one value not drawn yet."""

    _drafts: Drafts
    _step: int

    def __new__(cls, letters: str, drafts: Drafts, step: int) -> "Draft":
        draft = super().__new__(cls, letters)
        draft._drafts, draft._step = drafts, step
        return draft

    def split(self, sep: str | None = None, maxsplit: Any = -1) -> Any:
        """The first word alone: the others aren't known."""
        if sep is None:
            raise Untraceable("split at any space")
        return _Split(self._drafts.add(self._step, first_word(self._grammar, sep)))

    def zfill(self, width: Any) -> str:
        if not isinstance(number := self._grammar, Number):
            self._decide()
        return self._drafts.add(self._step, Number(number.low, number.high, max(width, number.width)))

    @property
    def _grammar(self) -> Grammar:
        (item,) = self._drafts.read(str.__str__(self))
        assert isinstance(item, Pending)  # noqa: S101  (a Draft is one value's letters and nothing else)
        return item.grammar

    def _decide(self, *_: Any, **__: Any) -> NoReturn:
        raise self._drafts.decide(self._step)

    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = __hash__ = _decide
    __contains__ = __getitem__ = __iter__ = __len__ = __mul__ = __rmul__ = __mod__ = _decide
    capitalize = casefold = center = count = encode = endswith = find = index = isalpha = isdigit = _decide
    isnumeric = isspace = join = ljust = lstrip = partition = removeprefix = removesuffix = replace = _decide
    rfind = rjust = rsplit = rstrip = startswith = strip = swapcase = translate = _decide


class _Split:
    """What `split` of a Draft gives."""

    def __init__(self, first: Draft) -> None:
        self._first = first

    def __getitem__(self, place: int) -> Draft:
        if place != 0:
            raise Untraceable("a later word of a split")
        return self._first

    pop = __getitem__


class Digits:
    """A whole number from `low` to `high` not drawn yet: a Draft as text, decided where the number itself is needed."""

    def __init__(self, low: int, high: int, drafts: Drafts, step: int) -> None:
        self._low, self._high, self._drafts, self._step = low, high, drafts, step

    def __str__(self) -> str:
        return format(self)

    __repr__ = __str__

    def __format__(self, spec: str) -> str:
        padded = _PADDED.match(spec)
        if padded is None or self._low < 0:
            self._decide()
        return self._drafts.add(self._step, Number(self._low, self._high, int(padded[1] or 0)))

    def __int__(self) -> int:
        raise Probe(self._step, self._low, self._high)

    def _decide(self, *_: Any) -> NoReturn:
        raise self._drafts.decide(self._step)

    __bool__ = __index__ = __float__ = __hash__ = __neg__ = __round__ = __abs__ = _decide
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __floordiv__ = __rfloordiv__ = _decide
    __mod__ = __rmod__ = __truediv__ = __rtruediv__ = __pow__ = __rpow__ = __divmod__ = _decide
    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = _decide
