"""Functions of text carried over to grammars: what a method makes of a value that isn't drawn yet."""

from collections.abc import Callable

from synth_sdk.engine.grammar.model import Grammar, Number, OneOf, Series, Words
from synth_sdk.engine.grammar.shapes import shares

Change = Callable[[str], str]
_Weighted = list[tuple[Grammar, float]]


def rewrite(grammar: Grammar, change: Change, *, start: bool = True, end: bool = True) -> Grammar:
    """`grammar` after `change`, made piece by piece: right if `change` looks no further than one character beyond a piece.

    `start` and `end` tell whether a piece stands at that edge of the whole text; elsewhere it has a letter for a neighbour.
    """
    if isinstance(grammar, Words):
        return Words(tuple(rewrite_text(text, change, start=start, end=end) for text in grammar.texts), grammar.weights)
    if isinstance(grammar, Series):
        last = len(grammar.parts) - 1
        edges = [(part, start and place == 0, end and place == last) for place, part in enumerate(grammar.parts)]
        return Series(tuple(rewrite(part, change, start=first, end=final) for part, first, final in edges))
    if isinstance(grammar, OneOf):
        return OneOf(tuple(rewrite(option, change, start=start, end=end) for option in grammar.options), grammar.weights)
    return grammar  # digits stay as they are


def rewrite_text(text: str, change: Change, *, start: bool, end: bool) -> str:
    """`rewrite` for one piece."""
    before, after = "" if start else "x", "" if end else "x"
    changed = change(before + text + after)
    return changed[len(before) : len(changed) - len(after)]


def first_word(grammar: Grammar, separator: str) -> Grammar:
    """What stands before the first `separator` in each text."""
    whole, cut = _heads(grammar, separator)
    return OneOf(tuple(head for head, _ in whole + cut), tuple(share for _, share in whole + cut))


def _heads(grammar: Grammar, separator: str) -> tuple[_Weighted, _Weighted]:
    """The texts that don't hold `separator`, and what stands before it in the others, with their probabilities."""
    if isinstance(grammar, Number):
        return [(grammar, 1.0)], []
    if isinstance(grammar, Words):
        return _word_heads(grammar, separator)
    if isinstance(grammar, Series):
        return _series_heads(grammar, separator)
    found = [(_heads(option, separator), odds) for option, odds in shares(grammar.options, grammar.weights)]
    whole, cut = ([(head, share * odds) for heads, odds in found for head, share in heads[side]] for side in (0, 1))
    return whole, cut


def _word_heads(grammar: Words, separator: str) -> tuple[_Weighted, _Weighted]:
    sides: tuple[list[tuple[str, float]], list[tuple[str, float]]] = ([], [])
    for text, share in shares(grammar.texts, grammar.weights):
        head, found, _ = text.partition(separator)
        sides[bool(found)].append((head, share))
    return _as_words(sides[0]), _as_words(sides[1])


def _as_words(texts: list[tuple[str, float]]) -> _Weighted:
    """The texts as one grammar with the sum of their probabilities; nothing of nothing."""
    words = Words(tuple(text for text, _ in texts), tuple(share for _, share in texts))
    return [(words, sum(share for _, share in texts))] if texts else []


def _series_heads(grammar: Series, separator: str) -> tuple[_Weighted, _Weighted]:
    so_far: tuple[Grammar, ...] = ()
    odds, cut = 1.0, _Weighted()
    for part in grammar.parts:
        whole, ended = _heads(part, separator)
        cut += [(Series((*so_far, head)), odds * share) for head, share in ended]
        if not whole:
            return [], cut
        so_far = (*so_far, OneOf(tuple(head for head, _ in whole), tuple(share for _, share in whole)))
        odds *= sum(share for _, share in whole)
    return [(Series(so_far), odds)], cut
