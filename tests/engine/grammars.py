"""Grammars by hypothesis, and what they say, listed in the plainest way."""

import itertools

from hypothesis import strategies as st

from synth_sdk.engine.grammar.model import Number, OneOf, Series, Words

_WEIGHTS = st.sampled_from([0.0, 0.5, 1.0, 1.0, 2.0, 3])


def _weighted(draw, items):
    weights = draw(st.none() | st.lists(_WEIGHTS, min_size=len(items), max_size=len(items)))
    return tuple(weights) if weights and sum(weights) > 0 else None


@st.composite
def words(draw):
    texts = tuple(draw(st.lists(st.text("ab0 ", max_size=2), min_size=1, max_size=4)))
    return Words(texts, _weighted(draw, texts))


@st.composite
def numbers(draw):
    low = draw(st.integers(0, 12))
    return Number(low, low + draw(st.integers(0, 11)), draw(st.integers(0, 3)))


digits = st.just(Number(0, 9)) | st.just(Number(0, 99, 2))


@st.composite
def _series(draw, inner):
    return Series(tuple(draw(st.lists(inner, max_size=3))))


@st.composite
def _one_of(draw, inner):
    options = tuple(draw(st.lists(inner, min_size=1, max_size=3)))
    return OneOf(options, _weighted(draw, options))


grammars = st.recursive(words() | numbers() | digits, lambda inner: _series(inner) | _one_of(inner), max_leaves=5)


def ways(grammar):
    """Every way to draw: (text, probability), those with a probability only."""
    if isinstance(grammar, Number):
        values = range(grammar.low, grammar.high + 1)
        return [(f"{value:0{grammar.width}d}" if grammar.width else str(value), 1 / len(values)) for value in values]
    if isinstance(grammar, Series):
        found = []
        for row in itertools.product(*map(ways, grammar.parts)):
            odds = 1.0
            for _, share in row:
                odds *= share
            found.append(("".join(text for text, _ in row), odds))
        return found
    items = [[(text, 1.0)] for text in grammar.texts] if isinstance(grammar, Words) else [ways(item) for item in grammar.options]
    weights = grammar.weights or (1,) * len(items)
    return [
        (text, odds * weight / sum(weights)) for item, weight in zip(items, weights, strict=True) if weight for text, odds in item
    ]


def odds(grammar):
    """Probability of each text."""
    sums = {}
    for text, share in ways(grammar):
        sums[text] = sums.get(text, 0.0) + share
    return sums
