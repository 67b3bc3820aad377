"""What slots show: for each value that a slot can have at some turn, and each of its forms, the parts of its text."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from synth_sdk.dialogue.columns.flat import Growing
from synth_sdk.dialogue.columns.parts import Parts, Piece, Show
from synth_sdk.dialogue.columns.spacing import capitalised, one_spaced
from synth_sdk.dialogue.columns.symbols import Lin, Of, Symbol, key_of, sample, text
from synth_sdk.dialogue.model import Pack

_ODDS = 64
_MARK = 0xE000  # private characters that stand for symbols while a form is asked


class Slots:
    """Slot values, numbered. Their forms are asked for when a turn first shows them."""

    def __init__(self, pack: Pack, parts: Parts) -> None:
        self._pack, self._parts = pack, parts
        self.numbers = {name: number for number, name in enumerate(pack.slots)}
        self.forms = {name: {form: place for place, form in enumerate(rule.forms.shows)} for name, rule in pack.slots.items()}
        self.defaults = np.array([_odds(rule.forms, self.forms[name]) for name, rule in pack.slots.items()] or [[0]], np.int64)
        self._values: list[tuple[str, Any]] = []
        self._known: dict[Any, int] = {}
        self.first_form = Growing(np.int64)  # of a value, among `lists`
        self.lists, self.may_rise = Growing(np.int64), Growing(np.bool_)
        self._forms_of: list[tuple[int, str]] = []

    def number(self, slot: str, value: Any) -> int:
        """The number of a value of a slot."""
        key = slot, id(value) if isinstance(value, Mapping) else key_of(value)
        if key not in self._known:
            self._values.append((slot, value))
            self._known[key] = self.first_form.add(self.lists.extend([-1] * len(self.forms[slot])))
            self._forms_of += [(len(self._values) - 1, form) for form in self.forms[slot]]
            self.may_rise.extend([True] * len(self.forms[slot]))
        return self._known[key]

    def complete(self, shown: Any) -> None:
        """See to it that these (value, form) pairs have their parts."""
        missing = np.unique(shown[self.lists.view[shown] < 0])
        for place in missing.tolist():
            which, form = self._forms_of[place]
            slot, value = self._values[which]
            forms = self._pack.slots[slot].forms
            pieces = list(self._spoken(value, forms.shows[form]))
            self.lists.view[place] = self._parts.lists.add(self._parts.listed(pieces) or [self._parts.fixed("")])
            self.may_rise.view[place] = not getattr(forms, "keeps_case", False) and _rises(value, pieces)

    def _spoken(self, value: Any, show: Show) -> Iterator[Piece]:
        parts = self._parts
        if isinstance(value, Of):
            try:
                table = value.table.map(("spoken", show), lambda one: one_spaced(str(show(one, ""))))
            except ValueError:
                yield parts.ask(value, show)
            else:
                yield parts.looked_up(Of(value.draw, table), 1)
        elif isinstance(value, Lin):
            yield parts.shown(value, show, 1)
        elif (template := _template(value, show)) is not None:
            yield from parts.text(text(one_spaced(one) if isinstance(one, str) else one for one in template), 1)
        else:
            yield parts.ask(value, show)


def _odds(forms: Any, places: Mapping[str, int]) -> list[int]:
    """The default forms as often as their weights say, in 64ths."""
    total, filled, found = sum(forms.weights), 0.0, list[int]()
    for name, weight in zip(forms.default, forms.weights, strict=True):
        filled += weight
        found += [places[name]] * (round(filled * _ODDS / total) - len(found))
    return found


def _rises(value: Any, pieces: list[Piece]) -> bool:
    """A text of several parts may get a capital at the start of a sentence if its example may; others decide for themselves."""
    if len(pieces) < 2:
        return True
    whole = sample(value)
    return not isinstance(whole, str) or capitalised(whole) != whole or not whole[:1].islower()


def _template(value: Any, show: Show) -> list[Any] | None:
    """What `show` makes of a value that holds symbols: fixed text and the symbols in it; None when it doesn't just insert them."""
    readings = []
    for prefix in ("", "a"):
        marked = _Marked(prefix)
        try:
            readings.append(marked.split(show(marked.mark(value), "")))
        except ValueError:
            return None
    first, second = readings
    return first if [key_of(one) for one in first] == [key_of(one) for one in second] else None


class _Marked:
    """Puts marks in the place of symbols, and finds the symbols of marks again."""

    def __init__(self, prefix: str) -> None:
        self._prefix, self._symbols = prefix, list[Any]()

    def mark(self, value: Any) -> Any:
        if isinstance(value, Symbol):
            self._symbols.append(value)
            return f"{self._prefix}{chr(_MARK + len(self._symbols) - 1)}"
        if isinstance(value, Mapping):
            return _MarkedMapping(value, self)
        return [self.mark(item) for item in value] if isinstance(value, list) else value

    def split(self, shown: str) -> list[Any]:
        found: list[Any] = [""]
        skipped = len(self._prefix)
        for char in shown:
            if _MARK <= ord(char) < _MARK + len(self._symbols):
                found[-1] = found[-1][: len(found[-1]) - skipped] if skipped else found[-1]
                found += [self._symbols[ord(char) - _MARK], ""]
            else:
                found[-1] += char
        return found


class _MarkedMapping(Mapping[str, Any]):
    """A mapping whose symbols show as marks."""

    def __init__(self, inner: Mapping[str, Any], marks: _Marked) -> None:
        self._inner, self._marks = inner, marks

    def __getitem__(self, key: str) -> Any:
        return self._marks.mark(self._inner[key])

    def get(self, key: str, default: Any = None) -> Any:
        value = self._inner.get(key)
        return default if value is None else self._marks.mark(value)

    def __iter__(self) -> Iterator[str]:
        return iter(self._inner)

    def __len__(self) -> int:
        return len(self._inner)
