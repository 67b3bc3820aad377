"""Shapes of text: what Faker's formats and regular expressions become before they are drawn from, a column or a row at a time."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """One of `texts`; `weights` (of the same length, any scale) None: all alike."""

    texts: tuple[str, ...]
    weights: tuple[float, ...] | None = None


@dataclass(frozen=True, slots=True)
class Number:
    """A whole number in [low, high] in decimal digits, padded with zeros to `width` (0: not padded). `low` is at least 0."""

    low: int
    high: int
    width: int = 0


@dataclass(frozen=True, slots=True)
class Series:
    """Each of `parts` in turn, drawn independently."""

    parts: tuple["Grammar", ...]


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of `options`; `weights` as in Words."""

    options: tuple["Grammar", ...]
    weights: tuple[float, ...] | None = None


Grammar = Words | Number | Series | OneOf
