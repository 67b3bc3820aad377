"""What a spoken line says of the world: the values that a rewording must keep, and whatever it must not add."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import lru_cache

from synth_sdk.dialogue.frames import Choice, Parts, slots_of
from synth_sdk.dialogue.languages.base import Language
from synth_sdk.dialogue.model import Frame, Pack
from synth_sdk.dialogue.playing.trace import Turn

_TOKEN = re.compile(r"\S*[@\d]\S*")
_MARKS = ".,;:!?¿¡()[]{}\"'`“”‘’«»…"
_NUMBER = re.compile(r"\d+")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_NAME = re.compile(r"(?<![.?!:…]\s)(?<!^)(?<![\"'“‘«(¿¡\w.@/_-])[^\W\d_]+(?:['’][^\W\d_]+)*(?!\w)")
# "one" is left out: it is an article, too.
_COUNTS = {
    "en": "two three four five six seven eight nine ten eleven twelve twenty thirty forty fifty hundred thousand half twice",
    "es": "dos tres cuatro cinco seis siete ocho nueve diez once doce veinte treinta cuarenta cincuenta cien mil medio media",
    "de": "zwei drei vier fünf sechs sieben acht neun zehn elf zwölf zwanzig dreißig vierzig fünfzig hundert tausend halb",
}
_NOUNS_HAVE_CAPITALS = frozenset({"de"})
_FEWEST_WORDS = 4
_COMMON = 0.35  # of the acts of a pack


def kept(pack: Pack, turn: Turn, frame: Frame, now: str, line: str) -> tuple[str, ...]:
    """What must stand in any rewording of `line` as it stands there: its slot values as they were worded, and all else with digits."""
    values = [_as_worded(pack, name, turn.values[name], now, line) for name in sorted(names_of(frame)) if name in turn.values]
    figures = [token.strip(_MARKS) for token in _TOKEN.findall(_without(line, filter(None, values)))]
    return tuple(dict.fromkeys(value for value in (*values, *figures) if value))


def names_of(frame: Frame) -> frozenset[str]:
    """The slots that a frame may show."""
    return frozenset(slot.name for slot in slots_of(frame.parts))


def holds(line: str, value: str) -> bool:
    """`value` stands in `line` as a whole. Where it has no capital of its own, it may have one at the start of a sentence."""
    return _whole(value).search(line) is not None


@lru_cache(maxsize=4096)
def _whole(value: str) -> re.Pattern[str]:
    sides = rf"(?<!\w)(?<!\d[.,:/-]){re.escape(value)}(?!\w)(?![.,:/-]\d)"
    return re.compile(sides, 0 if value != value.lower() else re.IGNORECASE)


def _without(line: str, values: Iterable[str]) -> str:
    for value in sorted(values, key=len, reverse=True):
        line = _whole(value).sub(" ", line)
    return line


def _as_worded(pack: Pack, name: str, value: object, now: str, line: str) -> str:
    """The longest of the value's forms in `line`, less an article before it; "" if it isn't shown."""
    shows = pack.slots[name].forms.shows.values()
    found = sorted({text for show in shows if (text := show(value, now).strip()) and holds(line, text)}, key=len)
    if not found:
        return ""
    return next(text for text in found if found[-1].endswith(text))


class Told:
    """What has been told so far: words and numbers, whoever said them."""

    __slots__ = ("_language", "_numbers", "_words")

    def __init__(self, language: Language) -> None:
        self._language, self._numbers, self._words = language, set[str](), set[str]()

    def copy(self) -> "Told":
        other = Told(self._language)
        other._numbers, other._words = set(self._numbers), set(self._words)
        return other

    def hear(self, text: str) -> None:
        self._numbers.update(_NUMBER.findall(text))
        self._words.update(_words(text))

    def news(self, text: str) -> str | None:
        """The first number, counting word or name in `text` that nobody has told; None if there is none."""
        return next((word for word in self._claims(text) if not self._knows(word)), None)

    def _claims(self, text: str) -> Iterator[str]:
        code = self._language.code
        counts = _COUNTS.get(code, "").split()
        yield from _NUMBER.findall(text)
        yield from (word for word in _words(text) if word in counts)
        if code not in _NOUNS_HAVE_CAPITALS:
            yield from (word for word in _NAME.findall(text) if word[0].isupper() and not self._plain(word))

    def _plain(self, word: str) -> bool:
        """A word that has its capital by rule: I, I'm."""
        return re.split("['’]", word)[0] in self._language.capitals

    def _knows(self, claim: str) -> bool:
        return claim in self._numbers or claim.lower() in self._words or _stem(claim) in self._words


def _words(text: str) -> list[str]:
    return [part for word in _WORD.findall(text.lower()) for part in {word, _stem(word)}]


def _stem(word: str) -> str:
    """Without a possessive ending."""
    return re.sub(r"['’]s$", "", word.lower())


def in_language(line: str, vocabulary: frozenset[str], but: Iterable[str] = (), least: float = 0.4) -> bool:
    """At least `least` of the words of `line` are ones that the pack uses, values and all in `but` aside; a few words pass."""
    words = _WORD.findall(_TOKEN.sub(" ", _without(line, but)).lower())
    return len(words) < _FEWEST_WORDS or sum(word in vocabulary for word in words) >= least * len(words)


def on_matter(line: str, pack: Pack, act: str, least: float = 0.2) -> bool:
    """At least `least` of the words of `line` that aren't common in the pack are words of the frames of `act`."""
    matters, common = _matters(pack)
    told = {word for word in _WORD.findall(line.lower()) if word not in common}
    return len(told & matters[act]) >= least * len(told)


@lru_cache(maxsize=8)
def _matters(pack: Pack) -> tuple[dict[str, frozenset[str]], frozenset[str]]:
    """The words of each act's frames, and those that are found in so many acts that they say nothing of the matter."""
    matters = {name: _words_of(act.frames) for name, act in pack.acts.items()}
    uses = Counter(word for words in matters.values() for word in words)
    return matters, frozenset(word for word, count in uses.items() if count > _COMMON * len(matters))


@lru_cache(maxsize=8)
def vocabulary(pack: Pack) -> frozenset[str]:
    """The words of all frames of a pack, without slot values: what its language looks like."""
    return frozenset().union(*(_words_of(act.frames) for act in pack.acts.values()))


def _words_of(frames: Iterable[Frame]) -> frozenset[str]:
    return frozenset(word for frame in frames for text in _texts(frame.parts) for word in _WORD.findall(text.lower()))


def _texts(parts: Parts) -> Iterator[str]:
    for part in parts:
        if isinstance(part, str):
            yield part
        elif isinstance(part, Choice):
            for option in part.options:
                yield from _texts(option)
