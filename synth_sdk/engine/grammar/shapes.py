"""What can be asked of a Grammar and done with it: its extent, whether it says a text, one draw, its canonical form."""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate
from math import prod
from typing import TypeVar

from synth_sdk.engine.dice import Dice
from synth_sdk.engine.grammar.model import Grammar, Number, OneOf, Series, Words

T = TypeVar("T")
Matcher = Callable[[str, set[int]], set[int]]
_MOST_DIGITS = 18  # of a Number: more don't fit 64 bits


def literal(text: str) -> Words:
    """The grammar that says `text` and nothing else."""
    return Words((text,))


_EMPTY = literal("")


def shares(items: tuple[T, ...], weights: tuple[float, ...] | None) -> list[tuple[T, float]]:
    """The items that have weight, with their probabilities."""
    weights = weights or (1.0,) * len(items)
    total = sum(weights)
    if total <= 0:
        raise ValueError("a grammar needs an option that has weight")
    return [(item, weight / total) for item, weight in zip(items, weights, strict=True) if weight > 0]


def size(grammar: Grammar) -> int:
    """How many ways there are to draw from `grammar`; no text is counted twice unless two ways lead to it."""
    if isinstance(grammar, Words):
        return len(grammar.texts) if grammar.weights is None else sum(weight > 0 for weight in grammar.weights)
    if isinstance(grammar, Number):
        return grammar.high - grammar.low + 1
    if isinstance(grammar, Series):
        return prod(map(size, grammar.parts))
    return sum(size(option) for option in _live(grammar))


def longest(grammar: Grammar) -> int:
    """Characters of the longest text."""
    if isinstance(grammar, Words):
        return max(map(len, _live_texts(grammar)))
    if isinstance(grammar, Number):
        return max(len(str(grammar.high)), grammar.width)
    if isinstance(grammar, Series):
        return sum(map(longest, grammar.parts))
    return max(map(longest, _live(grammar)))


def shortest(grammar: Grammar) -> int:
    """Characters of the shortest text."""
    if isinstance(grammar, Words):
        return min(map(len, _live_texts(grammar)))
    if isinstance(grammar, Number):
        return max(len(str(grammar.low)), grammar.width)
    if isinstance(grammar, Series):
        return sum(map(shortest, grammar.parts))
    return min(map(shortest, _live(grammar)))


def pieces(grammar: Grammar) -> int:
    """The most Words and Numbers that one text is put together from."""
    if isinstance(grammar, Series):
        return sum(map(pieces, grammar.parts))
    return max(map(pieces, _live(grammar))) if isinstance(grammar, OneOf) else 1


def full_match(grammar: Grammar, text: str) -> bool:
    """Can `grammar` say `text`? For many texts build the `matcher` once."""
    return matcher(grammar)(text)


def matcher(grammar: Grammar) -> Callable[[str], bool]:
    """A test of whether `grammar` says a text. Walks sets of positions, so ambiguity costs no more than its places in the text."""
    ends = _ends(grammar, {})
    return lambda text: len(text) in ends(text, {0})


def draw(grammar: Grammar, dice: Dice) -> str:
    """One text. For many build the `sampler` once."""
    return sampler(grammar)(dice)


def sampler(grammar: Grammar) -> Callable[[Dice], str]:
    """A function from dice to one text; weights are summed into tables here, once."""
    if isinstance(grammar, Words):
        pick, texts = _picker(len(grammar.texts), grammar.weights), grammar.texts
        return lambda dice: texts[pick(dice)]
    if isinstance(grammar, Number):
        low, high, width = grammar.low, grammar.high, grammar.width
        return lambda dice: str(dice.between(low, high)).zfill(width)
    if isinstance(grammar, Series):
        parts = [sampler(part) for part in grammar.parts]
        return lambda dice: "".join([part(dice) for part in parts])
    choose, samplers = _picker(len(grammar.options), grammar.weights), [sampler(option) for option in grammar.options]
    return lambda dice: samplers[choose(dice)](dice)


def flatten(grammar: Grammar, limit: int) -> Grammar:
    """The same texts with the same odds in fewer pieces.

    Neighbours in a Series become one Words as long as their product has at most `limit` outcomes; digits side by side become one
    Number, literals one literal. Words that are options of one OneOf become one Words, whatever their size, and so do Numbers within
    `limit` among them. Nested Series and OneOf are spliced, options without weight dropped, equal ones summed.
    """
    return _Flattener(limit).flat(grammar)


def _live(grammar: OneOf) -> list[Grammar]:
    return [option for option, _ in shares(grammar.options, grammar.weights)]


def _live_texts(grammar: Words) -> Sequence[str]:
    return grammar.texts if grammar.weights is None else [text for text, _ in shares(grammar.texts, grammar.weights)]


def _picker(count: int, weights: tuple[float, ...] | None) -> Callable[[Dice], int]:
    """Draws an index below `count`."""
    if weights is None:
        return lambda dice: dice.below(count)
    sums = list(accumulate(weights))
    total, last = sums[-1], max(index for index in range(count) if weights[index] > 0)
    return lambda dice: bisect_right(sums, dice.random() * total, hi=last)


def _ends(grammar: Grammar, known: dict[int, Matcher]) -> Matcher:
    """From the positions where a text of `grammar` may start to those where it may end. Shared parts are prepared once."""
    if id(grammar) not in known:
        if isinstance(grammar, Words):
            known[id(grammar)] = _word_ends(frozenset(_live_texts(grammar)))
        elif isinstance(grammar, Number):
            known[id(grammar)] = _number_ends(grammar)
        elif isinstance(grammar, Series):
            known[id(grammar)] = _series_ends([_ends(part, known) for part in grammar.parts])
        else:
            inner = [_ends(option, known) for option in _live(grammar)]
            known[id(grammar)] = lambda text, starts: set().union(*[ends(text, starts) for ends in inner]) if starts else starts
    return known[id(grammar)]


def _word_ends(texts: frozenset[str]) -> Matcher:
    lengths = sorted(set(map(len, texts)))

    def ends(text: str, starts: set[int]) -> set[int]:
        return {start + length for start in starts for length in lengths if text[start : start + length] in texts}

    return ends


def _number_ends(grammar: Number) -> Matcher:
    lengths = range(shortest(grammar), longest(grammar) + 1)

    def says(digits: str) -> bool:
        fits = digits.isascii() and digits.isdigit() and grammar.low <= int(digits) <= grammar.high
        return fits and digits == str(int(digits)).zfill(grammar.width)

    def ends(text: str, starts: set[int]) -> set[int]:
        return {start + length for start in starts for length in lengths if says(text[start : start + length])}

    return ends


def _series_ends(parts: list[Matcher]) -> Matcher:
    def ends(text: str, starts: set[int]) -> set[int]:
        for part in parts:
            starts = part(text, starts)
        return starts

    return ends


class _Flattener:
    """Canonical forms under one limit. What was done is kept: large Words tend to be shared, runs to repeat."""

    def __init__(self, limit: int) -> None:
        self._limit = max(limit, 1)
        self._known: dict[int, Grammar] = {}
        self._products: dict[tuple[Grammar, Grammar], Words] = {}

    def flat(self, grammar: Grammar) -> Grammar:
        if id(grammar) not in self._known:
            self._known[id(grammar)] = self._flat(grammar)
        return self._known[id(grammar)]

    def _flat(self, grammar: Grammar) -> Grammar:
        if isinstance(grammar, Words):
            return _tidy(grammar)
        if isinstance(grammar, Number):
            return literal(str(grammar.low).zfill(grammar.width)) if grammar.low == grammar.high else grammar
        if isinstance(grammar, Series):
            return self._series(tuple(map(self.flat, grammar.parts)))
        return self._one_of([(self.flat(option), share) for option, share in shares(grammar.options, grammar.weights)])

    def _series(self, parts: tuple[Grammar, ...]) -> Grammar:
        """Flat parts in a row. Digits join before anything else does: a number is cheaper than the words for it."""
        spliced = [piece for part in parts for piece in (part.parts if isinstance(part, Series) else (part,)) if piece != _EMPTY]
        row = _joined(_joined(spliced, _digits), self._product)
        return row[0] if len(row) == 1 else Series(tuple(row)) if row else _EMPTY

    def _product(self, left: Grammar, right: Grammar) -> Words | None:
        """Two neighbours as one Words; None if that would be too large."""
        if (
            not isinstance(left, Words | Number)
            or not isinstance(right, Words | Number)
            or size(left) * size(right) > self._limit
        ):
            return None
        if (left, right) not in self._products:
            ends = list(_texts(right))
            self._products[left, right] = _words(
                [(text + end, odds * other) for text, odds in _texts(left) for end, other in ends]
            )
        return self._products[left, right]

    def _one_of(self, options: list[tuple[Grammar, float]]) -> Grammar:
        """Flat options with probabilities: spliced, equal ones summed, single pieces made one Words."""
        sums: dict[Grammar, float] = {}
        for option, share in options:
            for inner, odds in shares(option.options, option.weights) if isinstance(option, OneOf) else [(option, 1.0)]:
                sums[inner] = sums.get(inner, 0.0) + share * odds
        sums = self._factored(self._factored(self._single(sums), last=False), last=True)
        if len(sums) == 1:
            return next(iter(sums))
        return OneOf(tuple(sums), None if len(set(sums.values())) == 1 else tuple(sums.values()))

    def _single(self, options: dict[Grammar, float]) -> dict[Grammar, float]:
        """The options with all Words, and Numbers if they are small together, made one Words."""
        few = sum(size(option) for option in options if isinstance(option, Number)) <= self._limit
        kinds = (Words, Number) if few else Words
        joined: list[tuple[Grammar, float]] = [(option, share) for option, share in options.items() if isinstance(option, kinds)]
        if len(joined) < 2:
            return options
        others = {option: share for option, share in options.items() if not isinstance(option, kinds)}
        return {_union(joined): sum(share for _, share in joined), **others}

    def _factored(self, options: dict[Grammar, float], *, last: bool) -> dict[Grammar, float]:
        """Options that differ in their first (`last`: last) part alone, and there in words, made one Series with those words joined."""
        groups: dict[tuple[Grammar, ...], list[tuple[Grammar, float]]] = {}
        found: dict[Grammar, float] = {}
        for option, share in options.items():
            parts = option.parts if isinstance(option, Series) else (option,)
            edge, rest = (parts[-1], parts[:-1]) if last else (parts[0], parts[1:])
            if rest and isinstance(edge, Words):
                groups.setdefault(rest, []).append((edge, share))
            else:
                found[option] = share
        for rest, edges in groups.items():
            edge = _union(edges) if len(edges) > 1 else edges[0][0]
            whole = self._series((*rest, edge) if last else (edge, *rest))
            found[whole] = found.get(whole, 0.0) + sum(share for _, share in edges)
        return found


def _tidy(words: Words) -> Words:
    """`words` without repeated texts, without texts that have no weight, and without weights that are all alike."""
    weights = words.weights
    tidy = len(set(words.texts)) == len(words.texts) > 0 and (weights is None or (min(weights) > 0 and len(set(weights)) > 1))
    return words if tidy else _words(shares(words.texts, weights))


def _words(texts: list[tuple[str, float]]) -> Words:
    """One Words from texts with probabilities."""
    sums: dict[str, float] = {}
    for text, share in texts:
        sums[text] = sums.get(text, 0.0) + share
    return Words(tuple(sums), None if len(set(sums.values())) == 1 else tuple(sums.values()))


def _union(pieces: list[tuple[Grammar, float]]) -> Words:
    """One Words for Words and Numbers with probabilities."""
    return _words([(text, share * odds) for piece, share in pieces for text, odds in _texts(piece)])


def _texts(grammar: Grammar) -> Iterator[tuple[str, float]]:
    """The texts of a Words or a Number with their probabilities."""
    if isinstance(grammar, Words):
        yield from shares(grammar.texts, grammar.weights)
    elif isinstance(grammar, Number):
        count = size(grammar)
        yield from ((str(value).zfill(grammar.width), 1 / count) for value in range(grammar.low, grammar.high + 1))


def _joined(parts: list[Grammar], join: Callable[[Grammar, Grammar], Grammar | None]) -> list[Grammar]:
    """`parts` with neighbours made one, from the left, wherever `join` can."""
    row: list[Grammar] = []
    for part in parts:
        whole = join(row[-1], part) if row else None
        row[-1:] = [*row[-1:], part] if whole is None else [whole]
    return row


def _digits(left: Grammar, right: Grammar) -> Number | None:
    """Digits after digits: [1-9] and [0-9]{2} are the numbers from 100 to 999. None unless `right` is any text of its width."""
    if not isinstance(left, Number) or not isinstance(right, Number):
        return None
    digits = max(right.width, 1)
    unit: int = 10**digits
    if right.low != 0 or right.high != unit - 1 or longest(left) + digits > _MOST_DIGITS:
        return None
    low, width = left.low * unit, max(left.width, 1) + digits
    return Number(low, left.high * unit + unit - 1, width if len(str(low)) < width else 0)
