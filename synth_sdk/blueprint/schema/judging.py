"""From a model's answer to annotations that hold: read, checked against the schema, compiled, and tried on records."""

import json
import math
import re
import string
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from synth_sdk.blueprint.schema.fields import Field
from synth_sdk.core.errors import Outcome, Rejected, RequestError, nearest
from synth_sdk.core.models import Json
from synth_sdk.dialogue.gates.entities import entities
from synth_sdk.engine import Engine
from synth_sdk.schema import Schema, parse_schema
from synth_sdk.schema.annotations import KEYWORD

SHARE = 0.5  # of an answer's items that must be fit for it to count
_TRIED = 32  # records that an annotated schema has to make
_FEWEST_WORDS, _FEWEST_BY_CASE = 4, 2
_PLACEHOLDERS = frozenset(
    {"string", "example", "text", "value", "foo", "bar", "test", "lorem ipsum", "n/a", "na", "none", "null", "todo", "tbd", "..."}
)
_SIGMA = 2.33  # standard deviations between the median and the 99th percentile of a normal distribution
_MOST_TOLD = 3
_CODE = re.compile(r"[A-Za-z0-9#?/._ -]{4,40}")
_FEWEST_MARKS = 3  # a thousand codes at least

Change = dict[str, Any]  # {"at": path, "x-synth": {...}, further keywords}


def annotated(document: Json, changes: Iterable[Mapping[str, Any]]) -> Json:
    """`document` with `changes` laid upon it; what it says itself stays."""
    result = deepcopy(document)
    for change in changes:
        node = result
        for step in change["at"]:
            node = node[step]
        for key, value in change.items():
            if key == KEYWORD:
                node[KEYWORD] = {**value, **node.get(KEYWORD, {})}
            elif key != "at":
                node[key] = value
    return result


def flaw_of(original: Schema, document: Json) -> str | None:
    """Why records of `document` can't stand in for those of `original`; None when they can."""
    try:
        engine = Engine(parse_schema(document))
        records = engine.batch(range(_TRIED)).records()
    except RequestError as error:
        return error.message
    if not engine.columnar:
        return "the annotated schema can't be made in columns"
    for record in records:
        try:
            original.validate(record)
        except Rejected as reason:
            return f"records break the schema: {reason.message}"
    return None


@dataclass(frozen=True)
class Judge:
    """Checks the answers about one schema. What is accepted is `{"changes": [...]}`, ready to be laid upon the document."""

    schema: Schema

    def words(self, field: Field, deciding: Sequence[Field], value: Json) -> Json:
        if isinstance(value, Mapping) and str(value.get("code") or "").strip():
            return self._tried([{"at": list(field.path), KEYWORD: self._code(field, str(value["code"]).strip())}])
        lists = _rows(value, "lists")
        by_case = [row for row in lists if str(row.get("when") or "").strip()]
        if by_case and deciding:
            told = self._words_by_case(field, deciding, by_case)
        else:
            told = {"words": self._fit(field, [word for row in lists for word in _texts(row)], _FEWEST_WORDS)}
        return self._tried([{"at": list(field.path), KEYWORD: told}])

    def _code(self, field: Field, shape: str) -> dict[str, Json]:
        """A code of `#` (a digit) and `?` (a letter) as Faker makes it."""
        if not _CODE.fullmatch(shape) or sum(map(shape.count, "#?")) < _FEWEST_MARKS:
            raise _broken(
                f"code {shape[:40]!r}: write letters, digits and - / . _ with at least {_FEWEST_MARKS} of # (a digit) or ? (a letter)"
            )
        if flaw := _validator(self.schema.document, field.node)(shape.replace("#", "7").replace("?", "K")):
            raise _broken(f"code {shape!r} {flaw}")
        return {"faker": {"method": "bothify", "args": {"text": shape, "letters": string.ascii_uppercase}}}

    def _words_by_case(self, field: Field, deciding: Sequence[Field], rows: Sequence[Mapping[str, Any]]) -> dict[str, Json]:
        """Words for each value of the one field that all lists are about."""
        cases: defaultdict[str, dict[str, list[str]]] = defaultdict(dict)
        for row in rows:
            name, _, case = str(row["when"]).partition("=")
            cases[name.strip().rpartition(".")[2]].setdefault(case.strip(), []).extend(_texts(row))
        name, found = max(cases.items(), key=lambda item: len(item[1]))
        decider = next((other for other in deciding if other.key == name), None)
        if decider is None:
            known = [other.key for other in deciding]
            raise _broken(f"when {name!r} is no field that may decide: it is one of {', '.join(known)}, written name=value")
        if missing := [case for case in decider.choices if case not in found]:
            raise _broken(f"there is no list with when {name}={missing[0]}: give one for each of {', '.join(decider.choices)}")
        words = {case: self._fit(field, found[case], _FEWEST_BY_CASE) for case in decider.choices}
        return {"given": decider.key, "words": words}

    def _fit(self, field: Field, words: Sequence[str], fewest: int) -> list[str]:
        """The words that the field may hold, each once. Rejected when too few are."""
        accepts = _validator(self.schema.document, field.node)
        kept: dict[str, str] = {}
        flaws: list[str] = []
        for word in words:
            clean = " ".join(word.split())
            if flaw := _flaw_of_word(clean, field) or accepts(clean):
                flaws.append(f"{clean[:60]!r} {flaw}")
            else:
                kept.setdefault(clean.casefold(), clean)
        if len(kept) < fewest or len(kept) < SHARE * len(set(words)):
            told = "; ".join(flaws[:_MOST_TOLD]) or f"at least {fewest} different ones are needed"
            raise _broken(f"only {len(kept)} of {len(words)} values for {field.name} can be used: {told}")
        return list(kept.values())

    def numbers(self, fields: Sequence[Field], value: Json) -> Json:
        rows = _rows(value, "numbers")
        return self._some(fields, rows, lambda field, row: _spread(field, row))

    def shares(self, fields: Sequence[Field], gaps: Sequence[Field], value: Json) -> Json:
        by_field: defaultdict[str, dict[str, Any]] = defaultdict(dict)
        for row in _rows(value, "shares") if fields else ():
            by_field[str(row.get("field"))][str(row.get("value"))] = row.get("percent")
        rows: list[Mapping[str, Any]] = [{"field": name, "shares": told} for name, told in by_field.items()]
        changes = self._some(fields, rows, _weights)["changes"] if fields else []
        empty = [row for row in _rows(value, "empty", needed=False) if not _is_full(row)] if gaps else []
        if empty:
            changes = [*changes, *self._some(gaps, empty, _gap)["changes"]]
        return self._tried(changes)

    def order(self, fields: Sequence[Field], value: Json) -> Json:
        rows = _rows(value, "order", needed=False)
        known = {field.name: field for field in fields}

        def change(field: Field, row: Mapping[str, Any]) -> Change:
            before = known.get(str(row.get("after")))
            if before is None or before is field or before.owner != field.owner:
                raise _broken(f"{field.name} after {row.get('after')!r}: name another of {', '.join(known)} in the same object")
            days = _number(row, "days")
            if not 0 < days <= 3650:
                raise _broken(f"{field.name} within {days:g} days: give more than 0 and at most 3650")
            return {KEYWORD: {"from": before.key, "within": _duration(days)}}

        return self._some(fields, rows, change) if rows else {"changes": []}

    def _some(
        self, fields: Sequence[Field], rows: Sequence[Mapping[str, Any]], change: Callable[[Field, Mapping[str, Any]], Change]
    ) -> Json:
        """The changes that each row makes to its field; those that are unfit or don't compile are left out, if they are not too many."""
        known = {field.name: field for field in fields}
        changes: dict[str, Change] = {}
        flaws: list[str] = []
        for row in rows:
            try:
                field = known.get(str(row.get("field")))
                if field is None:
                    near = nearest(str(row.get("field")), known) or sorted(known)
                    raise _broken(f"{row.get('field')!r} is not one of the fields asked about: {', '.join(near[:5])}")
                made: Change = {"at": list(field.path), **change(field, row)}
                if flaw := flaw_of(self.schema, annotated(self.schema.document, [*changes.values(), made])):
                    raise _broken(f"{field.name}: {flaw}")
                changes.setdefault(field.name, made)
            except Rejected as reason:
                flaws.append(reason.message)
        if len(changes) < SHARE * len(known) and flaws:
            raise _broken("; ".join(flaws[:_MOST_TOLD]))
        if not changes:
            raise _broken(f"nothing was said about {', '.join(list(known)[:5])}")
        return {"changes": list(changes.values())}

    def _tried(self, changes: list[Change]) -> Json:
        if flaw := flaw_of(self.schema, annotated(self.schema.document, changes)):
            raise _broken(flaw)
        return {"changes": changes}


def _rows(value: Json, key: str, needed: bool = True) -> list[Mapping[str, Any]]:
    given = value.get(key) if isinstance(value, Mapping) else None
    rows = [row for row in given if isinstance(row, Mapping)] if isinstance(given, list) else []
    if (needed and not rows) or not isinstance(given, list):
        raise _broken(f'the answer is not an object with a list "{key}" of objects')
    return rows


def _texts(row: Mapping[str, Any]) -> list[str]:
    words = row.get("words")
    return [word for word in words if isinstance(word, str)] if isinstance(words, list) else []


def _flaw_of_word(word: str, field: Field) -> str:
    if not word or not word.isprintable():
        return "is empty or unprintable"
    if word.casefold().strip(". ") in _PLACEHOLDERS or word.casefold() in (field.key.casefold(), field.name.casefold()):
        return "is a placeholder"
    stated = next((kind for kind, _ in entities(word) if kind in ("email", "date")), None)
    return f"holds a {stated} of its own, the same in many records" if stated else ""


def _validator(document: Json, node: Mapping[str, Any]) -> Callable[[str], str]:
    """Says what is wrong with a word by the field's own schema; "" if nothing is."""
    shared = {
        key: document[key] for key in ("$schema", "$defs", "definitions") if isinstance(document, Mapping) and key in document
    }
    schema = parse_schema({**shared, **{key: value for key, value in node.items() if key != KEYWORD}})

    def check(word: str) -> str:
        return "" if schema.accepts(word) else f"breaks the field's schema ({_limits(node)})"

    return check


def _limits(node: Mapping[str, Any]) -> str:
    return ", ".join(f"{key} {json.dumps(node[key])}" for key in ("minLength", "maxLength") if key in node) or "see its rules"


def _number(row: Mapping[str, Any], key: str) -> float:
    value = row.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or abs(value) > 1e15:
        raise _broken(f"{row.get('field')}: {key} {json.dumps(value, default=str)[:40]} is not a number")
    return float(value)


def _spread(field: Field, row: Mapping[str, Any]) -> Change:
    """Low, typical and high as bounds and a distribution: about 99% of a normal or lognormal one lie between them."""
    low, typical, high = (_number(row, key) for key in ("low", "typical", "high"))
    low, high = max(low, _bound(field, "minimum", low)), min(high, _bound(field, "maximum", high))
    if not low <= typical <= high or low == high:
        raise _broken(
            f"{field.name}: low {low:g}, typical {typical:g}, high {high:g}: they have to rise, within the field's bounds"
        )
    shape, whole = row.get("shape"), "integer" in str(field.node.get("type"))
    told: dict[str, Any] = {}
    if shape == "count" and whole and typical > 0:
        told["distribution"] = {"poisson": {"mean": _plain(typical)}}
    elif shape == "long tail" and low >= 0 and 0 < typical < high:
        sigma = min(2.5, max(0.1, math.log(high / typical) / _SIGMA))
        told["distribution"] = {"lognormal": {"median": _plain(typical), "sigma": round(sigma, 3)}}
    elif shape == "bell":
        told["distribution"] = {"normal": {"mean": _plain(typical), "sd": _plain((high - low) / (2 * _SIGMA))}}
    else:
        told["distribution"] = {"uniform": {}}
    decimals = row.get("decimals")
    if not whole and isinstance(decimals, int) and 0 <= decimals <= 9 and not field.says("decimals"):
        told["decimals"] = decimals
    if whole:
        low, high = math.floor(low), math.ceil(high)
    return {KEYWORD: told, "minimum": _plain(low), "maximum": _plain(high)}


def _bound(field: Field, key: str, other: float) -> float:
    declared = field.node.get(key)
    return other if isinstance(declared, bool) or not isinstance(declared, int | float) else declared


def _plain(value: float) -> float | int:
    """A whole number as one; others to six significant digits."""
    rounded = float(f"{value:.6g}")
    return int(rounded) if rounded.is_integer() else rounded


def _weights(field: Field, row: Mapping[str, Any]) -> Change:
    shares, known = row["shares"], field.choices
    if missing := [name for name in known if name not in shares]:
        raise _broken(f"{field.name}: no percentage for {missing[0]!r}; give one for each of {', '.join(known)}")
    if unknown := [name for name in shares if name not in known]:
        raise _broken(f"{field.name}: {unknown[0]!r} is none of its values, which are {', '.join(known)}")
    weights = {name: _plain(_number({"field": field.name, "percent": shares[name]}, "percent")) for name in known}
    if min(weights.values()) < 0 or not sum(weights.values()) > 0:
        raise _broken(f"{field.name}: percentages are at least 0 and not all 0")
    return {KEYWORD: {"weights": weights}}


def _is_full(row: Mapping[str, Any]) -> bool:
    return row.get("percent") in (0, 0.0)


def _gap(field: Field, row: Mapping[str, Any]) -> Change:
    percent = _number(row, "percent")
    if not 0 <= percent <= 95:
        raise _broken(f"{field.name}: empty in {percent:g} percent: give 0 to 95")
    return {KEYWORD: {"null_rate": round(percent / 100, 4)}}


def _duration(days: float) -> str:
    """`3d`, or minutes where that says it better."""
    return f"{int(days)}d" if float(days).is_integer() else f"{max(1, round(days * 24 * 60))}m"


def _broken(reason: str) -> Rejected:
    return Rejected(reason, Outcome.BROKEN)
