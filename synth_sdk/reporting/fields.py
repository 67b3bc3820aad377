"""What is known of one field, in words and in the numbers that its plots are drawn from."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from synth_sdk.reporting.facts import Report, fields
from synth_sdk.reporting.reading import listing, mapping, number, numbers, text
from synth_sdk.reporting.words import cut, figure, isolated, pairs, percent, plural, said

_SHOWN_TOP = 3
_LONGEST_VALUE = 60
_BENFORD = tuple(math.log10(1 + 1 / digit) for digit in range(1, 10))
_TOLD_ELSEWHERE = frozenset(
    {"count", "nulls", "min", "max", "mean", "std", "distinct", "distinct_values", "distinct_estimated", "top", "top_estimated",
     "histogram", "quantiles", "benford", "format", "shape", "edge_cases", "completeness", "uniqueness", "type_conformance",
     "entropy_bits", "lengths", "earliest", "latest", "looked_at"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class FieldView:
    """One field. `facts` are further figures by name; `edges` and `counts` the histogram, `top` the commonest values with their numbers.

    `quantiles` are numbers by their share, `digits` the shares of the first digits with those that Benford's law expects.
    """

    name: str
    shape: str
    format: str
    null_share: float
    distinct: str
    span: str
    facts: tuple[tuple[str, str], ...]
    edges: tuple[Any, ...] = ()
    counts: tuple[float, ...] = ()
    logarithmic: bool = False
    top: tuple[tuple[str, float], ...] = ()
    count: float = 0
    quantiles: tuple[tuple[float, float], ...] = ()
    digits: tuple[tuple[float, float], ...] = ()


def field_views(report: Report) -> list[FieldView]:
    """The measured fields, in the report's order."""
    return [_view(name, mapping(told)) for name, told in fields(report).items()]


def described(view: FieldView) -> str:
    """A field's values on one line of a table."""
    commonest = ", ".join(
        f"{isolated(cut(value, _LONGEST_VALUE))} ({figure(times)})" for value, times in view.top[:_SHOWN_TOP] if times > 1
    )
    return "; ".join(filter(None, [view.shape, view.span, commonest, view.format]))


def _view(name: str, told: Mapping[str, Any]) -> FieldView:
    count, nulls = number(told.get("count")) or 0, number(told.get("nulls")) or 0
    edges, counts = _histogram(mapping(told.get("histogram")))
    return FieldView(
        name=name or "(no name)",
        shape=text(told.get("shape")),
        format=_format(told.get("format")),
        null_share=min(max(nulls / count, 0), 1) if count else 0,
        distinct=_distinct(told),
        span=_span(told),
        facts=tuple(_facts(told)),
        edges=edges,
        counts=counts,
        logarithmic=mapping(told.get("histogram")).get("scale") == "log",
        top=_said_plainly(told, tuple(_top(told.get("top"))) or tuple(_top(told.get("top_estimated")))),
        count=count,
        quantiles=tuple(_quantiles(told.get("quantiles"))),
        digits=_digits(mapping(told.get("benford"))),
    )


def _format(told: Any) -> str:
    """The name of the format that the values have, and how many of them have it."""
    found = mapping(told)
    name, share = text(found.get("name")) or text(told), number(found.get("conformance"))
    return f"{name} {percent(share)}".strip() if share is not None else name


def _distinct(told: Mapping[str, Any]) -> str:
    """How many different values there are, as exactly as it is known."""
    known, estimated = number(told.get("distinct")), number(told.get("distinct_values"))
    if known is not None:
        return figure(known)
    if estimated is not None:
        return f"{'about ' if told.get('distinct_estimated') is True else ''}{figure(estimated)}"
    most = text(told.get("distinct"))
    return f"over {figure(number(most[1:]) or 0)}" if most.startswith(">") else most


def _span(told: Mapping[str, Any]) -> str:
    """The range and the mean: 18 to 79, mean 49.42."""
    ends = [told.get(key) for key in (("min", "max") if told.get("min") is not None else ("earliest", "latest"))]
    mean = number(told.get("mean"))
    told_ends = dict.fromkeys(cut(said(end), _LONGEST_VALUE) for end in ends if end is not None)
    span = " to ".join(told_ends)
    if len(told_ends) == 1 and mean is not None:
        return span
    return ", ".join(filter(None, [span, f"mean {figure(mean)}" if mean is not None else ""]))


def _facts(told: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if (looked := number(told.get("looked_at"))) is not None:
        yield "Looked at", plural(int(looked), "place")
    deviation, entropy = number(told.get("std")), number(told.get("entropy_bits"))
    if deviation is not None:
        yield "Standard deviation", figure(deviation)
    if entropy is not None:
        yield "Entropy", f"{figure(entropy)} bits"
    for key, name in (("completeness", "Complete"), ("uniqueness", "Unique"), ("type_conformance", "Of its type")):
        if (share := number(told.get(key))) is not None:
            yield name, percent(share)
    if lengths := _span(mapping(told.get("lengths"))):
        yield "Lengths", lengths
    if quantiles := mapping(told.get("quantiles")):
        yield "Quantiles", ", ".join(f"{_share_said(name)} {said(value)}" for name, value in quantiles.items())
    if (law := mapping(told.get("benford"))).get("verdict"):
        yield "Benford's law", said(law["verdict"])
    yield from _edge_cases(mapping(told.get("edge_cases")))
    yield from pairs({key: value for key, value in told.items() if key not in _TOLD_ELSEWHERE})


def _edge_cases(told: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    covered, possible = listing(told.get("covered")), listing(told.get("possible"))
    if possible:
        yield "Edge cases", f"{len(covered)} of {len(possible)}"
    if missing := [said(one) for one in possible if one not in covered]:
        yield "Edge cases not met", ", ".join(missing)
    yield from (
        (f"Edge case {name}", shown)
        for name, shown in pairs({k: v for k, v in told.items() if k not in ("covered", "possible")}, name=str)
    )


def _histogram(told: Mapping[str, Any]) -> tuple[tuple[Any, ...], tuple[float, ...]]:
    """Edges and counts, if there is one edge more than there are counts."""
    edges, counts = listing(told.get("edges")), numbers(told.get("counts"))
    fits = counts and len(edges) == len(counts) + 1 and max(counts) > 0 and min(counts) >= 0
    return (tuple(edges), tuple(counts)) if fits else ((), ())


def _top(told: Any) -> Iterator[tuple[str, float]]:
    """The commonest values, from an object of counts or an array of pairs."""
    listed = mapping(told).items() or (one for one in listing(told) if isinstance(one, list) and len(one) == 2)
    yield from ((said(value), max(times, 0)) for value, size in listed if (times := number(size)) is not None)


def _said_plainly(told: Mapping[str, Any], top: tuple[tuple[str, float], ...]) -> tuple[tuple[str, float], ...]:
    """Objects and lists by how many members they have, truths as JSON says them."""
    words = {"object": ("dict of ", "member"), "list": ("list of ", "item")}.get(text(told.get("shape")))
    if words:
        return tuple(
            (plural(int(value.removeprefix(words[0])), words[1]), times) if _counts(value, words[0]) else (value, times)
            for value, times in top
        )
    truths = "lengths" not in told and {value for value, _ in top} <= {"True", "False"}
    return tuple((value.lower(), times) for value, times in top) if truths else top


def _counts(value: str, word: str) -> bool:
    """Is it "dict of 5"?"""
    rest = value.removeprefix(word)
    return rest != value and rest.isascii() and rest.isdigit() and len(rest) < 12


def _quantiles(told: Any) -> Iterator[tuple[float, float]]:
    for name, one in mapping(told).items():
        share, value = _share(name), number(one) if not isinstance(one, str) else None
        if share is not None and value is not None:
            yield share, value


def _share(name: str) -> float | None:
    """The share that a quantile's name means: 0.25, "p25", "25%"."""
    share = number(name.strip("pPqQ%"))
    return share if share is None or name == name.strip("pPqQ%") else share / 100


def _share_said(name: str) -> str:
    share = _share(name)
    return name if share is None else f"{share * 100:.4g}%"


def _digits(told: Mapping[str, Any]) -> tuple[tuple[float, float], ...]:
    """Shares of the first digits 1 to 9, each with what the law expects."""
    shares = numbers(told.get("first_digits"))
    return tuple(zip(shares, _BENFORD, strict=True)) if len(shares) == 9 and min(shares) >= 0 else ()
