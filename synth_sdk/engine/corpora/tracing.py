"""What a method of Faker can say, as a Grammar with Faker's own odds, found by running the method itself.

Its generator's random source hands out drafts instead of values (`engine/drafts.py`). Where the method has to know a value - a
format that holds {{tokens}} or #, a condition, a look-up - it is run again for each possible one. A {{token}} stands in the text as
the grammar of the method it names. A trace is accepted only if draws of real Faker match it; where none comes out, the caller asks
`fallback` for each row.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from enum import Enum
from functools import cache, partial
from typing import Any

from faker.providers.internet import Provider as Internet
from faker.utils import decorators, text

from synth_sdk.core.seeds import derive
from synth_sdk.engine.corpora.drafts import Digits, Drafts, Fork, Pending, Probe, Untraceable
from synth_sdk.engine.corpora.source import LazyGenerator, check_method, faker_locale, reads_clock
from synth_sdk.engine.corpora.source import fallback as fallback
from synth_sdk.engine.grammar.model import Grammar, Number, OneOf, Series, Words
from synth_sdk.engine.grammar.shapes import flatten, literal, matcher

_GUARD_DRAWS, _CLOCK_DRAWS = 60, 4
_MOST_RUNS, _MOST_DRAWS = 3_000, 5_000  # in one trace
_MOST_CASES = 2_000  # of one draw
_TEMPLATE = re.compile(r"\{\{|[#%$!@?^]")  # what numerify, lexify, hexify and parse look for
_INLINE = ("inline",)  # a token's method is run in place instead of standing in the text as its grammar

Case = tuple[Any, ...] | None  # of a draw: the positions or numbers it may take; None: any
Script = tuple[Case, ...]  # of a run: the cases of its first draws


@cache
def trace(locale: str, method: str) -> Grammar | None:
    """The grammar of `method` without arguments; None if it has none or real Faker says something else.

    UnknownName and RequestError as in `faker_source.check_method`.
    """
    locale = faker_locale(locale)
    check_method(locale, method)
    grammar = _traced(locale, method)
    return grammar if grammar is not None and _agrees(grammar, locale, method) else None


@cache
def _traced(locale: str, method: str) -> Grammar | None:
    """`trace` before Faker was asked."""
    try:
        return flatten(_Method(locale, method).explore(()), 1)
    except Exception:  # whatever a provider raises when handed values that aren't there yet
        return None


def _agrees(grammar: Grammar, locale: str, method: str) -> bool:
    """Does `grammar` say all of some dozens of real draws, none of which looks at the clock?"""
    generator = LazyGenerator(locale)
    generator.random.seed(derive(0, "trace", locale, method))
    call, says = getattr(generator, method), matcher(grammar)
    if any(reads_clock(call) for _ in range(_CLOCK_DRAWS)):
        return False
    return all(isinstance(drawn := call(), str) and says(drawn) for _ in range(_GUARD_DRAWS))


class _Method:
    """All runs of one method."""

    def __init__(self, locale: str, name: str) -> None:
        self._locale, self._name = locale, name
        self._runs = self._draws = 0
        self._kinds: Kinds = {}

    def explore(self, script: Script) -> Grammar:
        """What the method says after its first draws were decided by `script`."""
        try:
            return self._run(script)
        except Fork as fork:
            before = (*script, *[None] * fork.step)[: fork.step]
            return OneOf(tuple(self.explore((*before, case)) for case in fork.cases), fork.odds)
        except Probe as probe:
            return self._probed(probe, (*script, *[None] * probe.step)[: probe.step])

    def _run(self, script: Script) -> Grammar:
        source = _Source(script, self._kinds)
        try:
            said = _Recorder(self._locale, source).call(self._name)
        finally:
            self._count(source)
        if not isinstance(said, str):
            raise Untraceable("not a text")
        return source.grammar_of(said)

    def _count(self, source: "_Source") -> None:
        self._runs += 1
        self._draws += source.draws
        if self._runs > _MOST_RUNS or self._draws > _MOST_DRAWS:
            raise Untraceable("too many decisions")

    def _probed(self, probe: Probe, before: Script) -> Grammar:
        """What the method says with a Number in the place where three values of the draw show."""
        values = (probe.high, probe.low, (probe.low + probe.high) // 2 | 1)
        said = [flatten(self.explore((*before, (value,))), 1) for value in values]
        for number, filled in _gaps(said[0], probe):
            if all(filled(Number(value, value, number.width)) == seen for value, seen in zip(values, said, strict=True)):
                return filled(number)
        raise Untraceable("a number that doesn't show")


def _gaps(said: Grammar, probe: Probe) -> Iterator[tuple[Number, Callable[[Grammar], Grammar]]]:
    """Each place where `said` shows the highest value: the Number with the padding seen, and `said` with something in its place."""
    parts = said.parts if isinstance(said, Series) else (said,)
    for place, part in enumerate(parts):
        shown = part.texts[0] if isinstance(part, Words) and len(part.texts) == 1 else ""
        for width in (0, *range(len(str(probe.low)) + 1, len(shown) + 1)):
            digits = str(probe.high).zfill(width)
            for found in re.finditer(f"(?={digits})", shown):
                left = (*parts[:place], literal(shown[: found.start()]))
                right = (literal(shown[found.start() + len(digits) :]), *parts[place + 1 :])
                yield Number(probe.low, probe.high, width), partial(_filled, left, right)


def _filled(left: tuple[Grammar, ...], right: tuple[Grammar, ...], piece: Grammar) -> Grammar:
    return flatten(Series((*left, piece, *right)), 1)


class _Recorder(LazyGenerator):
    """Faker's generator for one run."""

    def __init__(self, locale: str, source: "_Source") -> None:
        super().__init__(locale, source)
        self.source = source

    def load(self, path: str) -> Any:
        """The provider, with what it does to text by decorators and by unidecode done to drafts as well."""
        provider = super().load(path)
        for name in dir(type(provider)) if isinstance(provider, Internet) else ():
            method = getattr(type(provider), name)
            if getattr(method, "__wrapped__", None) is not None:
                setattr(provider, name, _decorated(method, provider, self.source.drafts))
        if isinstance(provider, Internet) and "_to_ascii" not in vars(provider):
            plain = provider._to_ascii
            provider._to_ascii = lambda string: self.source.drafts.rewritten(string, plain)  # type: ignore[method-assign]
        return provider

    def format(self, formatter: str, *args: Any, **kwargs: Any) -> Any:
        """What a token stands for."""
        step, case = self.source.next()
        grammar = None if args or kwargs or case == _INLINE else _traced(self.locale_name, formatter)
        if grammar is None or _holds_template(grammar):
            return super().format(formatter, *args, **kwargs)
        return self.source.drafts.add(step, grammar)

    def call(self, method: str) -> Any:
        return super().format(method)


def _holds_template(grammar: Grammar) -> bool:
    """Is there anything in the texts that the caller of the method may fill in?"""
    if isinstance(grammar, Words):
        return _TEMPLATE.search("\0".join(grammar.texts)) is not None
    inner = grammar.parts if isinstance(grammar, Series) else grammar.options if isinstance(grammar, OneOf) else ()
    return any(map(_holds_template, inner))


_CHANGES: dict[Any, Callable[[str], str]] = {
    decorators.slugify(str).__code__: text.slugify,
    decorators.slugify_domain(str).__code__: lambda said: text.slugify(said, allow_dots=True),
    decorators.slugify_unicode(str).__code__: lambda said: text.slugify(said, allow_unicode=True),
    decorators.lowercase(str).__code__: str.lower,
}


def _decorated(method: Any, provider: Any, drafts: Drafts) -> Callable[..., str]:
    """`method` with each of Faker's decorators on it carried out on drafts."""
    if (inner := getattr(method, "__wrapped__", None)) is None:
        return lambda *args, **kwargs: method(provider, *args, **kwargs)
    undecorated, change = _decorated(inner, provider, drafts), _CHANGES[method.__code__]
    return lambda *args, **kwargs: drafts.rewritten(undecorated(*args, **kwargs), change)


class _Source:
    """Stands in for the generator's `random` in one run: each draw is decided by the script or left open."""

    def __init__(self, script: Script, kinds: "Kinds") -> None:
        self._script, self._kinds = script, kinds
        self._decisions: list[Callable[[], Exception]] = []
        self.drafts = Drafts(lambda step: self._decisions[step]())

    @property
    def draws(self) -> int:
        return len(self._decisions)

    def next(self, decide: Callable[[int], Exception] = lambda step: Fork(step, [_INLINE])) -> tuple[int, Case]:
        """The number of a draw that starts, and what the script says of it. `decide` tells how to decide it if need be."""
        step = len(self._decisions)
        self._decisions.append(lambda: decide(step))
        return step, self._script[step] if step < len(self._script) else None

    def choices(self, population: Sequence[Any], weights: Any = None, *, cum_weights: Any = None, k: int = 1) -> list[Any]:
        if cum_weights is not None:
            raise Untraceable("cumulative weights")
        return [self._choose(tuple(population), None if weights is None else tuple(weights)) for _ in range(k)]

    def choice(self, population: Sequence[Any]) -> Any:
        return self._choose(tuple(population), None)

    def sample(self, population: Sequence[Any], k: int) -> list[Any]:
        if k != 1:
            raise Untraceable("draws that depend on each other")
        return [self.choice(population)]

    def randint(self, low: int, high: int) -> Any:
        step, case = self.next(lambda step: _decided(step, range(low, high + 1), None))
        if low == high or case is not None:
            return low if case is None else case[0]
        return Digits(low, high, self.drafts, step)

    def randrange(self, start: int, stop: int | None = None, step: int = 1) -> Any:
        span = range(start) if stop is None else range(start, stop, step)
        return self.randint(span[0], span[-1]) if step == 1 else self._choose(tuple(span), None)

    def getrandbits(self, bits: int) -> Any:
        return self.randint(0, (1 << bits) - 1)

    def grammar_of(self, said: str) -> Grammar:
        """What a run's text says. A draw that shows twice in it is decided: two parts of a Series are independent."""
        parts: list[Grammar] = []
        seen: set[int] = set()
        for item in self.drafts.read(str.__str__(said)):
            if isinstance(item, Pending):
                if item.step in seen:
                    raise self._decisions[item.step]()
                seen.add(item.step)
            parts.append(item.grammar if isinstance(item, Pending) else literal(item))
        return Series(tuple(parts))

    def _choose(self, options: tuple[Any, ...], odds: tuple[float, ...] | None) -> Any:
        step, case = self.next(lambda step: _decided(step, range(len(options)), odds))
        places: Sequence[int] = range(len(options)) if case is None else case
        if len(places) == 1:
            return options[places[0]]
        if (kind := self._kind(options)) is _Kind.OBJECTS:
            raise self._decisions[step]()
        if case is None and kind is _Kind.TEMPLATES:
            raise _templates_apart(step, options, odds)
        texts = options if case is None else tuple(options[place] for place in places)
        return self.drafts.add(
            step, Words(texts, odds if odds is None or case is None else tuple(odds[place] for place in places))
        )

    def _kind(self, options: tuple[Any, ...]) -> "_Kind":
        """What `options` are; found once for each tuple, which Faker keeps and hands over again."""
        if id(options) not in self._kinds:
            if not all(isinstance(option, str) for option in options):
                kind = _Kind.OBJECTS
            else:
                kind = _Kind.TEMPLATES if _TEMPLATE.search("\0".join(options)) else _Kind.PLAIN
            self._kinds[id(options)] = (options, kind)
        return self._kinds[id(options)][1]


class _Kind(Enum):
    """Options of a choice: texts, texts some of which are filled in later, or anything else."""

    PLAIN, TEMPLATES, OBJECTS = "plain", "templates", "objects"


Kinds = dict[int, tuple[tuple[Any, ...], _Kind]]  # by the identity of the options, which are held so that it stays theirs


def _decided(step: int, values: range, odds: tuple[float, ...] | None) -> Exception:
    """One case for each value."""
    if len(values) > _MOST_CASES:
        return Untraceable(f"{len(values)} cases of one draw")
    return Fork(step, [(value,) for value in values], odds)


def _templates_apart(step: int, options: tuple[str, ...], odds: tuple[float, ...] | None) -> Exception:
    """One case for each template, and one for all plain texts together."""
    odds = odds or (1.0,) * len(options)
    templates = [place for place, option in enumerate(options) if _TEMPLATE.search(option)]
    plain = tuple(place for place, option in enumerate(options) if not _TEMPLATE.search(option))
    if len(templates) > _MOST_CASES:
        return Untraceable(f"{len(templates)} templates")
    cases: list[Case] = [(place,) for place in templates]
    weights = [odds[place] for place in templates]
    return Fork(step, [*cases, plain], [*weights, sum(odds[place] for place in plain)]) if plain else Fork(step, cases, weights)
