"""A regular expression as a Grammar: texts that match it, of the lengths wanted, with nothing left to check row by row.

`patterns.compile_pattern` reads the expression; here each node is built for a window of lengths. Look-around, back-references and
anchors in the middle can't be promised by construction: there is no grammar then, and the caller draws row by row.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from re import _constants as ops  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

from synth_sdk.engine.dice import Dice
from synth_sdk.engine.grammar.model import Grammar, Number, OneOf, Series, Words
from synth_sdk.engine.grammar.patterns import ENDLESS, Node, UnsupportedPatternError, compile_pattern
from synth_sdk.engine.grammar.shapes import flatten, literal, longest, pieces, sampler, shortest

_MOST_PIECES = 512  # of one text: what needs more is better written a row at a time
_MOST_CHARACTERS = 4_096  # that a text is made to have
_MOST_BUILDS, _MOST_NODES = 5_000, 5_000
_GUARD_DRAWS = 24
_MOST_PATIENCE = 16  # characters of a text on which Python tries an expression that may take exponential time
_USUAL_MORE = 11  # repeats beyond the least where the expression allows many
_USUAL_OPTIONAL = 8  # the same where it allows none
_USUAL_GROUPS = 3  # the same of a group
_USUAL_DIGITS = 6  # of a number of any length
_CHUNK = 18  # digits of one Number
_LOWER = "abcdefghijklmnopqrstuvwxyz"
_DIGITS = "0123456789"
_VOWELS = frozenset("aeiou")
_STARTS, _ENDS = (ops.AT_BEGINNING, ops.AT_BEGINNING_STRING), (ops.AT_END, ops.AT_END_STRING)
_REPEATS = (ops.MAX_REPEAT, ops.MIN_REPEAT)
_FILLER = Node("rep", 0, ENDLESS, parts=(Node("chars", 1, 1, text=_LOWER),), least=0, most=ENDLESS)
_EMPTY = literal("")


class _NoGrammar(Exception):
    """Why not."""


@lru_cache(maxsize=2048)
def grammar_of_pattern(pattern: str, shortest: int = 0, longest: int | None = None) -> Grammar | None:
    """Texts that match `pattern` (searched for, as JSON Schema has it), of `shortest` to `longest` characters. None: none by construction."""
    try:
        parsed = parser.parse(pattern)
        root = compile_pattern(pattern).root
        if max(root.low, shortest) > _MOST_CHARACTERS:
            return None
        opens, closes = _anchors(parsed, True, True)
        padded = _padded(root, opens, closes, shortest)
        grammar = flatten(_Builder().build(padded, shortest, ENDLESS if longest is None else longest), 1)
    except (_NoGrammar, UnsupportedPatternError, re.error, OverflowError, RecursionError):
        return None
    return grammar if _keeps(grammar, pattern, root, shortest, longest) else None


def _keeps(grammar: Grammar, pattern: str, root: Node, low: int, high: int | None) -> bool:
    """Does `grammar` keep what was asked for? Lengths and pieces are certain, the match is tried, with both validators' dialects."""
    if pieces(grammar) > _MOST_PIECES or shortest(grammar) < low or (high is not None and longest(grammar) > high):
        return False
    draw, found, accepts = sampler(grammar), re.compile(pattern).search, _other_dialect(pattern)
    patience = _MOST_PATIENCE if _may_explode(root) else ENDLESS
    texts = [draw(Dice(seed)) for seed in range(_GUARD_DRAWS)]
    return all(accepts(text) and (len(text) > patience or found(text)) for text in texts)


def _may_explode(node: Node) -> bool:
    """Are there repeats of what varies in length? Python tries all ways to share a text among them; jsonschema-rs takes linear time."""
    nested = node.kind == "rep" and node.most > 1 and node.parts[0].low != node.parts[0].high
    return nested or any(map(_may_explode, node.parts))


def _other_dialect(pattern: str) -> Callable[[str], bool]:
    """jsonschema-rs's reading of `pattern`: \\< is a boundary to it. What it can't read it has no objection to."""
    import jsonschema_rs

    try:
        return jsonschema_rs.validator_for({"pattern": pattern}).is_valid
    except ValueError:
        return lambda text: True


def _padded(root: Node, opens: bool, closes: bool, shortest: int) -> Node:
    """`root` with free text on the side where the expression leaves room for it, if it has an anchor on the other or is too short."""
    if closes and not opens:
        return _row_of(_FILLER, root)
    if not closes and (opens or root.high < shortest):
        return _row_of(root, _FILLER)
    return root


def _row_of(*parts: Node) -> Node:
    return Node("seq", sum(part.low for part in parts), min(ENDLESS, sum(part.high for part in parts)), parts=parts)


def _anchors(items: Any, at_start: bool, at_end: bool) -> tuple[bool, bool]:
    """Does the expression hold an anchor of the start, of the end? Each must stand at the edge of the text; _NoGrammar otherwise."""
    row = list(items)
    opens = closes = False
    for place, (op, argument) in enumerate(row):
        first = at_start and all(before[0] is ops.AT for before in row[:place])
        last = at_end and all(after[0] is ops.AT for after in row[place + 1 :])
        for inner_opens, inner_closes in _inner_anchors(op, argument, first, last):
            opens, closes = opens or inner_opens, closes or inner_closes
    return opens, closes


def _inner_anchors(op: Any, argument: Any, first: bool, last: bool) -> list[tuple[bool, bool]]:
    """`_anchors` of one item of the parser's output."""
    if op is ops.AT:
        if not (argument in _STARTS and first) and not (argument in _ENDS and last):
            raise _NoGrammar("an anchor or a word boundary in the middle")
        return [(argument in _STARTS, argument in _ENDS)]
    if op is ops.BRANCH:
        return [_anchors(option, first, last) for option in argument[1]]
    if op is ops.SUBPATTERN:
        return [_anchors(argument[3], first, last)]
    if op in _REPEATS:
        return [_anchors(argument[2], first and argument[1] == 1, last and argument[1] == 1)]
    if op in (ops.LITERAL, ops.NOT_LITERAL, ops.ANY, ops.IN):
        return []
    raise _NoGrammar("look-around, a back-reference or a possessive repeat")


class _Builder:
    """Grammars of nodes whose texts have `low` to `high` characters; what was built is kept."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, int, int], Grammar | None] = {}
        self._counts: dict[int, tuple[Grammar, int]] = {}  # by identity, which stays as long as the grammar is held
        self._copies: dict[tuple[int, int], Node] = {}

    def build(self, node: Node, low: int, high: int) -> Grammar:
        """_NoGrammar if no such text can be promised."""
        key = (id(node), low, high)
        if key not in self._known:
            if len(self._known) > _MOST_BUILDS:
                raise _NoGrammar("too many parts")
            self._known[key] = None
            grammar = self._build(node, low, high)
            if grammar is not None and self._nodes(grammar) <= _MOST_NODES:
                self._known[key] = grammar
        if (known := self._known[key]) is None:
            raise _NoGrammar("no text of that length, or too many parts")
        return known

    def _nodes(self, grammar: Grammar) -> int:
        """Parts of `grammar` at any depth, shared ones counted each time."""
        if id(grammar) not in self._counts:
            inner = grammar.parts if isinstance(grammar, Series) else grammar.options if isinstance(grammar, OneOf) else ()
            self._counts[id(grammar)] = grammar, 1 + sum(map(self._nodes, inner))
        return self._counts[id(grammar)][1]

    def _build(self, node: Node, low: int, high: int) -> Grammar | None:
        if node.low > high or node.high < low:
            return None
        if node.kind == "word":
            return literal(node.text)
        if node.kind == "chars":
            return _char(node.text)
        if node.kind == "alt":
            return self._any([(part, low, high) for part in node.parts])
        if node.kind == "rep":
            return self._repeat(node, low, high)
        return self._row(node.parts, low, high)

    def _any(self, wanted: list[tuple[Node, int, int]]) -> Grammar | None:
        """One of those that can be built."""
        built = []
        for node, low, high in wanted:
            try:
                built.append(self.build(node, low, high))
            except _NoGrammar:
                continue
        return OneOf(tuple(built)) if built else None

    def _row(self, parts: tuple[Node, ...], low: int, high: int) -> Grammar | None:
        windows = _windows(parts, low, high)
        return (
            None
            if windows is None
            else Series(tuple(self.build(part, least, most) for part, (least, most) in zip(parts, windows, strict=True)))
        )

    def _repeat(self, node: Node, low: int, high: int) -> Grammar | None:
        item, times = node.parts[0], _usual_times(node)
        if item.high == 0:
            return _EMPTY
        while item.kind in ("group", "seq") and len(item.parts) == 1:
            item = item.parts[0]
        fewest = max(node.least, -(-low // item.high))
        most = min(node.most, high // item.low if item.low else times, max(times, fewest))
        if fewest > most:
            return None
        if item.kind == "chars" or (item.kind == "word" and len(item.text) == 1):
            return _run(item.text, fewest, most, node.most - node.least)
        copies = [self._copies.setdefault((id(item), count), _row_of(*(item,) * count)) for count in range(fewest, most + 1)]
        return self._any([(row, low, high) for row in copies])


def _usual(node: Node) -> int:
    """Characters of the longest text that is built when nobody asks for more."""
    if node.kind in ("chars", "word"):
        return len(node.text) if node.kind == "word" else 1
    if node.kind == "alt":
        return max(map(_usual, node.parts))
    if node.kind == "rep":
        return _usual_times(node) * _usual(node.parts[0])
    return sum(map(_usual, node.parts))


def _usual_times(node: Node) -> int:
    more = _USUAL_GROUPS if node.parts[0].high > 1 else _USUAL_MORE if node.least else _USUAL_OPTIONAL
    return min(node.most, node.least + more)


def _windows(parts: tuple[Node, ...], low: int, high: int) -> list[tuple[int, int]] | None:
    """The least and the most characters of each part such that together they have `low` to `high`. None if they can't."""
    least, most = [part.low for part in parts], [_usual(part) for part in parts]
    _stretch(least, [max(part.low, _usual(part)) for part in parts], low)
    _stretch(least, [part.high for part in parts], low)
    most = [max(pair) for pair in zip(least, most, strict=True)]
    excess = sum(most) - high
    for place in sorted(range(len(parts)), key=lambda place: least[place] - most[place]):
        cut = max(0, min(excess, most[place] - least[place]))
        most[place] -= cut
        excess -= cut
    return list(zip(least, most, strict=True)) if excess <= 0 and sum(least) >= low else None


def _stretch(lengths: list[int], limits: list[int], wanted: int) -> None:
    """Lengthens those with most room until the sum is `wanted`, as far as `limits` allow."""
    missing = wanted - sum(lengths)
    for place in sorted(range(len(lengths)), key=lambda place: lengths[place] - limits[place]):
        more = max(0, min(missing, limits[place] - lengths[place]))
        lengths[place] += more
        missing -= more


def _char(text: str) -> Grammar:
    """One of the characters of `text`: of a wide class the letters and digits, of hexadecimal digits the small ones."""
    plain = "".join(char for char in text if char.isascii() and char.isalnum())
    if len(text) > 62 and plain:
        text = plain
    if set(text) == set("0123456789abcdefABCDEF"):
        text = "0123456789abcdef"
    if text in _DIGITS:
        return Number(int(text[0]), int(text[-1]))
    return Words(tuple(text))


def _run(text: str, fewest: int, most: int, leeway: int) -> Grammar:
    """`fewest` to `most` characters of `text`. Where the expression leaves much leeway letters alternate as in words."""
    if text == _DIGITS:
        return _digits(fewest, most if leeway < _USUAL_DIGITS else max(fewest, min(most, _USUAL_DIGITS)))
    sounds = [_char(text)] * 2
    small = [char for char in text if char in _LOWER]
    if leeway >= _USUAL_OPTIONAL and len(small) == len(_LOWER):
        sounds = [Words(tuple(char for char in small if (char in _VOWELS) is vowel)) for vowel in (False, True)]
    chars = [sounds[place % 2] for place in range(most)]
    ends = [Series(tuple(chars[fewest:count])) for count in range(fewest, most + 1)]
    return Series((*chars[:fewest], OneOf(tuple(ends))))


def _digits(fewest: int, most: int) -> Grammar:
    """`fewest` to `most` digits in as few Numbers as hold them."""
    if most == 0:
        return _EMPTY
    if fewest == 0:
        return OneOf((_EMPTY, _digits(1, most)), (1.0, float(most)))
    if most > _CHUNK:
        return Series((_digits(_CHUNK, _CHUNK), _digits(max(0, fewest - _CHUNK), most - _CHUNK)))
    return Number(0, 10**most - 1, fewest if fewest > 1 else 0)
