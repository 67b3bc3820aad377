"""Everything seen at one place of the records, and the schema that says so."""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from synth_sdk.core.models import Json
from synth_sdk.schema.inference.numbers import Numbers, shares
from synth_sdk.schema.inference.tallies import Tally
from synth_sdk.schema.inference.texts import Texts
from synth_sdk.schema.names import snake

DEEPEST = 40  # containers within containers; what lies deeper may be anything
MOST_NAMES = 200  # property names of one object; more are data, not names
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII)
_PADDED = re.compile(r"[+-]?0\d")
_CODE_DIGITS = 16  # as many digits are a label, and more than a float holds
_CODES = frozenset(
    [
        "phone",
        "telephone",
        "mobile",
        "fax",
        "zip",
        "zipcode",
        "postcode",
        "postal",
        "ssn",
        "iban",
        "card",
        "ean",
        "upc",
        "isbn",
        "imei",
    ]
)
_BOOLEANS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_NULLS = frozenset({"NA", "N/A", "NaN", "nan", "null", "NULL", "None", "\\N", "#N/A"})


class Node:
    """The values of one place, of any type."""

    def __init__(self, depth: int = 0) -> None:
        self.seen = self.nulls = 0
        self._depth = depth
        self._booleans: Tally[bool] = Tally()
        self._numbers, self._texts = Numbers(), Texts()
        self._items: _Items | None = None
        self._members: _Members | None = None

    def observe(self, values: Sequence[Json]) -> None:
        """Take in the values of one batch."""
        self.seen += len(values)
        if self._depth > DEEPEST:
            return
        by_type: dict[type, list[Any]] = {}
        kinds = Counter(map(type, values))
        for kind in kinds:
            by_type[kind] = [value for value in values if type(value) is kind] if len(kinds) > 1 else list(values)
        self.nulls += len(by_type.get(type(None), ()))
        if bool in by_type:
            self._booleans.add(Counter(by_type[bool]))
        if int in by_type or float in by_type:
            self._numbers.observe(Counter(by_type.get(int, []) + by_type.get(float, [])))
        if str in by_type:
            self._texts.observe(Counter(by_type[str]))
        self._observe_containers(by_type)

    def _observe_containers(self, by_type: Mapping[type, list[Any]]) -> None:
        if list in by_type:
            self._items = self._items or _Items(self._depth + 1)
            self._items.observe(by_type[list])
        if dict in by_type:
            self._members = self._members or _Members(self._depth + 1)
            self._members.observe(by_type[dict])

    def schema(self, name: str = "") -> dict[str, Json]:
        """A schema that every value seen satisfies."""
        if self._depth > DEEPEST:
            return {}
        parts: dict[str, dict[str, Json]] = {}
        alone = (
            sum(map(bool, (self._booleans.total, self._numbers.tally.total, self._texts.tally.total, self._items, self._members)))
            == 1
        )
        if self._booleans.total:
            parts["boolean"] = boolean(self._booleans) if alone else {}
        if self._numbers.tally.total:
            parts["integer" if self._numbers.whole else "number"] = self._numbers.schema(name, alone)
        if self._texts.tally.total:
            parts["string"] = self._texts.schema(name, alone)
        if self._items:
            parts["array"] = self._items.schema(name)
        if self._members:
            parts["object"] = self._members.schema()
        return joined(parts, self.nulls, self.seen)


class Cells:
    """A column of text whose type is yet to be told: CSV."""

    def __init__(self) -> None:
        self.seen = self._empty = 0
        self._nulls: Counter[str] = Counter()
        self._texts = Texts()
        self._numbers: Numbers | None = Numbers(cells=True)
        self._truths = True

    def observe(self, cells: Sequence[str]) -> None:
        """Take in the cells of one batch."""
        counts = Counter(cells)
        self.seen += len(cells)
        self._empty += counts.pop("", 0)
        for word in _NULLS & counts.keys():
            self._nulls[word] += counts.pop(word)
        if not counts:
            return
        self._texts.observe(counts)
        self._truths = self._truths and counts.keys() <= _BOOLEANS.keys()
        if self._numbers is not None:
            numbers = _parsed(counts)
            if numbers is None:
                self._numbers = None
            else:
                self._numbers.observe(numbers)

    def schema(self, name: str = "") -> dict[str, Json]:
        """A schema that every cell satisfies, read as the type it says; an empty cell is null."""
        nulls = self._empty + self._nulls.total()
        if not self._texts.tally.total:
            return joined({}, nulls, self.seen)
        if self._truths:
            truths: Tally[bool] = Tally()
            truths.add(_truths(self._texts.tally.counts or {}))
            return joined({"boolean": boolean(truths)}, nulls, self.seen)
        if self._numbers is not None and not self._is_code(name):
            kind = "integer" if self._numbers.whole else "number"
            return joined({kind: self._numbers.schema(name, True)}, nulls, self.seen)
        if self._nulls and not self._texts.is_moment():
            self._texts.observe(self._nulls)
            nulls = self._empty
        return joined({"string": self._texts.schema(name, True)}, nulls, self.seen)

    def _is_code(self, name: str) -> bool:
        """Digits that are a label: phone numbers, postcodes, card numbers."""
        digits = self._texts.is_digits()
        return digits and (self._texts.longest >= _CODE_DIGITS or bool(_CODES & set(snake(name).split("_"))))


def _parsed(counts: Mapping[str, int]) -> Counter[int | float] | None:
    """Cells as numbers; None if one isn't a number, or starts with zeros as codes do."""
    found: Counter[int | float] = Counter()
    for cell, count in counts.items():
        if not _NUMBER.fullmatch(cell) or _PADDED.match(cell):
            return None
        number = int(cell) if cell.lstrip("+-").isdigit() and len(cell) < 400 else float(cell)
        if number in (float("inf"), float("-inf")):
            return None
        found[number] += count
    return found


def _truths(counts: Mapping[str, int]) -> Counter[bool]:
    found: Counter[bool] = Counter()
    for word, count in counts.items():
        found[_BOOLEANS[word]] += count
    return found


def boolean(tally: Tally[bool]) -> dict[str, Json]:
    """Lopsided truths get weights; a constant is said as such."""
    counts: Mapping[bool, int] = tally.counts or {}
    if tally.constant:
        return {"const": next(iter(counts))}
    yes, no = shares([counts.get(True, 0), counts.get(False, 0)])
    return {"x-synth": {"weights": {"true": yes, "false": no}}} if len(counts) == 2 and min(yes, no) < 0.4 else {}


def joined(parts: Mapping[str, Mapping[str, Json]], nulls: int, seen: int) -> dict[str, Json]:
    """One schema for values of several types: each keyword binds its own type only. Nulls add their rate, and stand in an enum."""
    if not parts:
        return {"type": "null"} if nulls else {}
    names = [*parts, *(["null"] if nulls else [])]
    extras: dict[str, Json] = {}
    found: dict[str, Json] = {"type": names[0] if len(names) == 1 else names}
    for keywords in parts.values():
        found |= {key: value for key, value in keywords.items() if key != "x-synth"}
        extras |= keywords.get("x-synth", {}) if len(parts) == 1 else {}
    if nulls:
        extras["null_rate"] = shares([nulls, seen - nulls])[0]
        if "const" in found:
            found["enum"] = [found.pop("const")]
            extras.pop("weights", None)
        if "enum" in found:
            found["enum"] = [*found["enum"], None]
            if "weights" in extras:
                extras["weights"] = [*extras["weights"], 0]  # nulls come by their rate
    return found | ({"x-synth": extras} if extras else {})


class _Items:
    """The arrays of one place: how many items, and what they are."""

    def __init__(self, depth: int) -> None:
        self._least, self._most = 1 << 62, 0
        self._node = Node(depth)

    def observe(self, arrays: Sequence[list[Json]]) -> None:
        lengths = list(map(len, arrays))
        self._least, self._most = min(self._least, *lengths), max(self._most, *lengths)
        items = [item for array in arrays for item in array]
        if items:
            self._node.observe(items)

    def schema(self, name: str) -> dict[str, Json]:
        items = self._node.schema(name)
        if isinstance(items.get("x-synth"), dict):
            items["x-synth"].pop("unique", None)  # across all arrays is not what a reader expects
            items = items if items["x-synth"] else {key: value for key, value in items.items() if key != "x-synth"}
        return {"items": items, "minItems": self._least, "maxItems": self._most}


class _Members:
    """The objects of one place: which properties, how often. Beyond `MOST_NAMES` names it is a map, whose keys are data."""

    def __init__(self, depth: int) -> None:
        self._depth = depth
        self._count = 0
        self._children: dict[str, Node] = {}
        self._map: Node | None = None
        self._loose = False

    def observe(self, objects: Sequence[Mapping[str, Json]]) -> None:
        self._count += len(objects)
        if self._map is not None:
            self._observe_map(objects)
            return
        columns: defaultdict[str, list[Json]] = defaultdict(list)
        for one in objects:
            for name, value in one.items():
                columns[name].append(value)
        if len(self._children.keys() | columns.keys()) > MOST_NAMES:
            self._loose = bool(self._children)  # what was seen before is forgotten, so nothing can be said of it
            self._children, self._map = {}, Node(self._depth)
            self._observe_map(objects)
            return
        for name, values in columns.items():
            if name not in self._children:
                self._children[name] = Node(self._depth)
            self._children[name].observe(values)

    def _observe_map(self, objects: Sequence[Mapping[str, Json]]) -> None:
        values = [value for one in objects for value in one.values()]
        if self._map is not None and values:
            self._map.observe(values)

    def schema(self) -> dict[str, Json]:
        if self._map is not None:
            return {"additionalProperties": {} if self._loose else self._map.schema()}
        return {
            "properties": {name: child.schema(name) for name, child in self._children.items()},
            "required": [name for name, child in self._children.items() if child.seen == self._count],
            "additionalProperties": False,
        }
