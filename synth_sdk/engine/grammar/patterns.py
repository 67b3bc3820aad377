"""Text that matches a regular expression, by construction and of a wanted length.

The expression is read by Python's own parser (the validators use the same dialect) into six kinds of node. Look-around, word
boundaries and anchors inside are passed over: callers check each text with the expression itself. Texts stay short, so that an
expression built to backtrack for ever has nothing to chew on.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from re import _constants as ops  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

from synth_sdk.engine.dice import Dice

ENDLESS = 1 << 30
_LONGEST = 50_000  # characters; an expression that demands more is not supported
_USUAL_SLACK = 8  # characters beyond the least when nobody asks for a length
_PRINTABLE = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-. ,:;!?#$%&'()*+/<=>@[\\]^`{|}~\""
_WORD = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")
_DIGITS = frozenset("0123456789")
_SPACE = frozenset(" ")
_CATEGORIES = {
    ops.CATEGORY_DIGIT: _DIGITS,
    ops.CATEGORY_NOT_DIGIT: frozenset(_PRINTABLE) - _DIGITS,
    ops.CATEGORY_WORD: _WORD,
    ops.CATEGORY_NOT_WORD: frozenset(_PRINTABLE) - _WORD,
    ops.CATEGORY_SPACE: _SPACE,
    ops.CATEGORY_NOT_SPACE: frozenset(_PRINTABLE) - _SPACE,
}


class UnsupportedPatternError(ValueError):
    """The expression can't be read, or demands text longer than is sensible."""


@dataclass(frozen=True, slots=True)
class Node:
    """A piece of an expression. `low` and `high` bound the length of its text in characters.

    `kind` is one of: chars (one of `text`), word (`text` itself), seq (all `parts`), alt (one of `parts`), rep (`parts[0]`, `least`
    to `most` times), group (`parts[0]`, remembered as `number`), back (what group `number` gave).
    """

    kind: str
    low: int
    high: int
    text: str = ""
    parts: tuple["Node", ...] = ()
    least: int = 0
    most: int = 0
    number: int = 0


@dataclass(frozen=True, slots=True)
class Grammar:
    """A compiled expression. `fixed_start` and `fixed_end` tell that no text may stand before and after the match; no matching text
    is longer than `longest`.
    """

    root: Node
    fixed_start: bool
    fixed_end: bool
    longest: int

    def allows(self, low: int, high: int) -> bool:
        """Can a matching text have `low` to `high` characters? False is certain."""
        return self.root.low <= high and low <= self.longest

    def sample(self, dice: Dice, low: int, high: int) -> str:
        """A text of about `low` to `high` characters that should match; the caller checks."""
        least = max(low, self.root.low)
        most = max(least, min(high, self.root.high, max(least, self.root.low) + _USUAL_SLACK))
        target = dice.between(least, most)
        text = _write(self.root, min(target, self.root.high), dice, {})
        if self.fixed_start and not self.fixed_end and high - len(text) >= _USUAL_SLACK and low <= len(text):
            return text + _padding(dice, dice.between(0, _USUAL_SLACK))  # an open end is there to be used
        missing = low - len(text)
        if missing > 0 and not self.fixed_end:
            text += _padding(dice, missing)
        elif missing > 0 and not self.fixed_start:
            text = _padding(dice, missing) + text
        return text


def _refers_back(node: Node) -> bool:
    return node.kind == "back" or any(_refers_back(part) for part in node.parts)


def _padding(dice: Dice, length: int) -> str:
    return "".join(dice.pick("abcdefghijklmnopqrstuvwxyz") for _ in range(length))


@lru_cache(maxsize=2048)
def compile_pattern(pattern: str) -> Grammar:
    """The grammar of `pattern`. UnsupportedPatternError says why there is none."""
    try:
        parsed = parser.parse(pattern)
        root = _seq(parsed)
    except (re.error, OverflowError) as error:
        raise UnsupportedPatternError(f"pattern {pattern[:80]!r} can't be read: {error}") from None
    except RecursionError:
        raise UnsupportedPatternError(f"pattern {pattern[:80]!r} is nested too deeply") from None
    if root.low > _LONGEST:
        raise UnsupportedPatternError(f"pattern {pattern[:80]!r} demands more than {_LONGEST} characters")
    items = list(parsed) if not parsed.state.flags & re.MULTILINE else []
    starts, ends = (ops.AT_BEGINNING, ops.AT_BEGINNING_STRING), (ops.AT_END, ops.AT_END_STRING)
    fixed_start, fixed_end = bool(items) and items[0][1] in starts, bool(items) and items[-1][1] in ends
    bounded = fixed_start and fixed_end and not _refers_back(root)
    return Grammar(root, fixed_start, fixed_end, root.high + 1 if bounded else ENDLESS)  # $ also matches before a last line feed


def _chars(options: Iterable[str]) -> Node:
    text = "".join(sorted(set(options)))
    if not text:
        raise UnsupportedPatternError("a class of characters is empty")
    return Node("chars", 1, 1, text=text)


def _seq(items: Any) -> Node:
    parts = _with_words([part for op, argument in items if (part := _node(op, argument)) is not None])
    return (
        parts[0]
        if len(parts) == 1
        else Node("seq", sum(part.low for part in parts), min(ENDLESS, sum(part.high for part in parts)), parts=parts)
    )


def _with_words(parts: list[Node]) -> tuple[Node, ...]:
    """Neighbours that are one character each, joined into words."""
    joined: list[Node] = []
    for part in parts:
        letter = part.kind == "chars" and len(part.text) == 1
        if letter and joined and joined[-1].kind == "word":
            text = joined.pop().text + part.text
            joined.append(Node("word", len(text), len(text), text=text))
        else:
            joined.append(Node("word", 1, 1, text=part.text) if letter else part)
    return tuple(joined)


def _alt(options: Iterable[Node]) -> Node:
    parts = tuple(options)
    return Node("alt", min(part.low for part in parts), max(part.high for part in parts), parts=parts)


def _node(op: Any, argument: Any) -> Node | None:
    """One item of the parser's output; None for what has no text of its own."""
    if op is ops.LITERAL:
        return _chars(chr(argument))
    if op is ops.NOT_LITERAL:
        return _chars(_all_but({chr(argument)}))
    if op is ops.ANY:
        return _chars(_PRINTABLE[:64])
    if op is ops.IN:
        return _chars(_class(argument))
    if op is ops.BRANCH:
        return _alt(_seq(option) for option in argument[1])
    if op is ops.SUBPATTERN:
        inner = _seq(argument[3])
        return Node("group", inner.low, inner.high, parts=(inner,), number=argument[0] or 0)
    if op is ops.ATOMIC_GROUP:
        return _seq(argument)
    if op in (ops.MAX_REPEAT, ops.MIN_REPEAT, ops.POSSESSIVE_REPEAT):
        least, most, item = argument
        return _rep(_seq(item), int(least), min(int(most), ENDLESS))
    if op is ops.GROUPREF:
        return Node("back", 0, 0, number=argument)
    if op is ops.GROUPREF_EXISTS:
        return _seq(argument[1])
    return None  # AT, ASSERT, ASSERT_NOT


def _rep(item: Node, least: int, most: int) -> Node:
    return Node("rep", item.low * least, min(ENDLESS, item.high * most), parts=(item,), least=least, most=most)


def _class(items: Any) -> set[str]:
    """The characters of `[...]`: printable ASCII where the class has any, otherwise the first few hundred it names."""
    found: set[str] = set()
    beyond: set[str] = set()
    negated = False
    for op, argument in items:
        if op is ops.NEGATE:
            negated = True
        elif op is ops.LITERAL:
            found.add(chr(argument))
        elif op is ops.RANGE:
            low, high = argument
            inside = {char for char in _PRINTABLE if low <= ord(char) <= high}
            found |= inside
            if not inside:
                beyond |= {chr(code) for code in range(low, min(high, low + 255) + 1) if not 0xD800 <= code <= 0xDFFF}
        elif op is ops.CATEGORY:
            found |= _CATEGORIES.get(argument, frozenset())
    if negated:
        return _all_but(found | beyond)
    return found if any(char in _PRINTABLE for char in found) else found | beyond


def _all_but(found: set[str]) -> set[str]:
    """Letters, digits and _ outside `found`; failing them other printable characters; failing those, accented letters."""
    return (set(_WORD) - found) or (set(_PRINTABLE) - found) or {chr(code) for code in range(0xC0, 0x180)} - found


def _write(node: Node, target: int, dice: Dice, groups: dict[int, str]) -> str:
    """Text for `node`, `target` characters long where the structure allows it."""
    if node.kind == "chars":
        return dice.pick(node.text)
    if node.kind == "word":
        return node.text
    if node.kind == "seq":
        return _write_all(node.parts, target, dice, groups)
    if node.kind == "alt":
        fitting = [part for part in node.parts if part.low <= target <= part.high]
        return _write(dice.pick(fitting or node.parts), target, dice, groups)
    if node.kind == "group":
        groups[node.number] = _write(node.parts[0], target, dice, groups)
        return groups[node.number]
    if node.kind == "back":
        return groups.get(node.number, "")
    item, times = node.parts[0], _times(node, target, dice)
    if item.kind == "chars":
        return "".join([dice.pick(item.text) for _ in range(times)])
    return _write_all((item,) * times, target, dice, groups)


def _times(node: Node, target: int, dice: Dice) -> int:
    """How often to repeat so that `target` characters can come out."""
    item = node.parts[0]
    if item.high == 0:
        return node.least
    fewest = max(node.least, -(-target // item.high))
    most = min(node.most, target // item.low if item.low else max(fewest, target))
    return min(node.most, dice.between(fewest, most) if fewest < most else max(fewest, min(most, _LONGEST)))


def _write_all(parts: tuple[Node, ...], target: int, dice: Dice, groups: dict[int, str]) -> str:
    """The parts in order, the characters beyond their least spread over those that can stretch."""
    lengths = [part.low for part in parts]
    stretchy = [position for position, part in enumerate(parts) if part.high > part.low]
    if len(stretchy) == 1:
        only = stretchy[0]
        lengths[only] = max(lengths[only], min(target - sum(lengths) + lengths[only], parts[only].high))
        stretchy = []
    slack = target - sum(lengths)
    for position in dice.shuffled(stretchy) if len(stretchy) > 1 else []:
        extra = dice.between(0, max(0, min(slack, parts[position].high - parts[position].low)))
        lengths[position] += extra
        slack -= extra
    for position in stretchy:
        extra = max(0, min(slack, parts[position].high - lengths[position]))
        lengths[position] += extra
        slack -= extra
    return "".join([_write(part, length, dice, groups) for part, length in zip(parts, lengths, strict=True)])
