"""Is a wording fit for its turn? Each one that a model wrote is read, compared and tried on values; the reasons are told in words it can act upon."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from random import Random
from typing import Any

from synth_sdk.blueprint.conversation.asking import EXAMPLE
from synth_sdk.blueprint.conversation.situations import Sample, Situation, plainly
from synth_sdk.core.errors import Outcome, Rejected
from synth_sdk.core.models import Json
from synth_sdk.dialogue import Pack, sanitise
from synth_sdk.dialogue.frames import BadFrame, Choice, Parts, Slot, parse_frame, render, slots_of
from synth_sdk.dialogue.gates.entities import Known
from synth_sdk.dialogue.writing.facts import on_matter

SHARE = 0.5  # of the wordings of one call that must be fit for the call to count
_MOST_WORDS, _MOST_CHARS = 45, 400
_ALIKE = 0.7  # Jaccard index of word pairs from which one wording is another one over again
_RICH = 20  # wordings of an act from which their words show what it is about
_MOST_TOLD = 4
_CASED = ("en", "es")  # languages that give capitals to names only
_PAIRED = re.compile(r"\{+ *(\w+(?:\|\w+)?) *\}+")
_NUMBERED = re.compile(r"^(?:\d{1,2}[.)]|[-*•]) +(?=\S)")
_QUOTES = (('"', '"'), ("“", "”"), ("'", "'"), ("«", "»"))
_BRACES = re.compile(r"\{[^{}]*\}")
_SPECIAL = re.compile(r"([\\()\[\]|])")
_TOKEN = re.compile(r"\{\w+\}|[^\W_]+(?:['’][^\W_]+)?")
_SENTENCE = re.compile(r"(?:^|[.?!:;…]\s+|\n|[\"“‘(¿¡-]\s*)$")
_CAPITAL = re.compile(r"(?<![\w'’])[^\W\d_a-zà-ÿ][\w'’-]*")
_NUMBERS = r"(?:two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|twenty|thirty|forty|sixty|ninety|hundred|a few|several|a couple of)"
_UNITS = r"(?:minute|hour|day|night|week|month|year|dollar|euro|pound|cent)s?"
_FACT = re.compile(
    r"\d+"
    r"|\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b"
    r"|\b(?:january|february|april|june|july|august|september|october|november|december)\b"
    rf"|\b{_NUMBERS}(?:[ -](?:more|full|whole|business|working|calendar))? {_UNITS}\b"
    r"|\b(?:an?|one) (?:hour|week|month|year|(?:business|working) day)\b"
    r"|\b(?:tomorrow|tonight|yesterday)\b",
    re.IGNORECASE,
)


def tidied(text: str) -> str:
    """A wording without what models put around it: a number in front, quotes, braces in pairs."""
    text = _PAIRED.sub(r"{\1}", _NUMBERED.sub("", " ".join(text.split())))
    quoted = len(text) > 2 and (text[0], text[-1]) in _QUOTES and text[0] not in text[1:-1] and text[-1] not in text[1:-1]
    return text[1:-1].strip() if quoted else text


def literal(text: str) -> str:
    """A model's wording as a frame: everything outside of braces means itself."""
    pieces = _BRACES.split(text)
    return "".join(_SPECIAL.sub(r"\\\1", piece) + slot for piece, slot in zip(pieces, [*_BRACES.findall(text), ""], strict=True))


@dataclass(frozen=True)
class Judge:
    """Knows one situation: what its frames may hold and what is there already."""

    situation: Situation

    def check(self, value: Json) -> Json:
        """`{"frames": [...]}` with the fit ones, as frames of a pack; Rejected when too few are, with what was wrong with the others."""
        given = value.get("frames") if isinstance(value, dict) else None
        if not isinstance(given, list) or not given:
            raise Rejected('the answer is not an object with a list "frames" of texts', Outcome.BROKEN)
        kept: list[str] = []
        flaws: defaultdict[str, list[str]] = defaultdict(list)
        for text in given:
            try:
                kept.append(self.frame(text, kept))
            except Rejected as reason:
                flaws[reason.message].append(str(text)[:80])
        if len(kept) < SHARE * len(given) or len(kept) < 2:
            raise Rejected(_told(len(given), flaws), Outcome.BROKEN)
        return {"frames": kept}

    def frame(self, text: Any, others: Sequence[str] = ()) -> str:
        """`text` as a frame. Rejected says why it is unfit, or like one that is there or one of `others`."""
        if not isinstance(text, str) or not text.strip():
            raise Rejected("a wording is some text")
        frame = literal(tidied(text))
        try:
            parts = parse_frame(frame)
        except BadFrame:
            raise Rejected("braces hold nothing but the name of a placeholder") from None
        self._slots(parts)
        wording = _wording(parts)
        self._size(wording, text)
        self._facts(wording)
        self._names(parts)
        self._matter(parts)
        self._news(parts, others)
        self._trial(parts)
        return frame

    def _slots(self, parts: Parts) -> None:
        situation = self.situation
        used = slots_of(parts)
        for slot in sorted(used, key=lambda slot: slot.name):
            if slot.name not in situation.allowed:
                told = ", ".join(f"{{{name}}}" for name in sorted(situation.allowed)) or "none at all"
                raise Rejected(f"{{{slot.name}}} is not a placeholder of this turn: there is {told}")
            shows = situation.pack.slots[slot.name].forms.shows
            if slot.form and slot.form not in shows:
                raise Rejected(f"{{{slot.name}|{slot.form}}}: write {{{slot.name}}}, or one of the forms {', '.join(shows)}")
        if missing := sorted(situation.required - {slot.name for slot in used}):
            raise Rejected(f"{{{missing[0]}}} must stand in it")

    def _size(self, wording: str, text: str) -> None:
        if len(wording.split()) > _MOST_WORDS or len(text) > _MOST_CHARS:
            raise Rejected(f"longer than {_MOST_WORDS} words")

    def _facts(self, wording: str) -> None:
        """What only a placeholder may say: amounts, ids, dates, times, unless the bank says the very same."""
        own = Known().missing(wording)
        if own:
            raise Rejected(f"states the {own[0]} {own[1]}: facts come from placeholders only")
        for match in _FACT.finditer(wording):
            if match.group().lower() not in self._known_facts:
                raise Rejected(f"states {match.group()!r}: facts come from placeholders only")
        lower = wording.lower()
        for name, text in self._values:
            if text in lower:
                raise Rejected(f"writes out {text!r}: put {{{name}}} there")

    def _names(self, parts: Parts) -> None:
        """Names of people, brands and places that the pack has never heard of."""
        if self.situation.pack.lang not in _CASED:
            return
        text = plainly(parts)
        for match in _CAPITAL.finditer(text):
            word = match.group()
            inside = not _SENTENCE.search(text[: match.start()]) and text[match.start() - 1 : match.start()] != "{"
            if inside and not word.isupper() and word.lower() not in self._capitals and not word.startswith(("I'", "I’")):
                raise Rejected(f"names {word!r}: names come from placeholders only")

    def _matter(self, parts: Parts) -> None:
        """A wording with a slot is about what stands in it; one without, about what the act's other wordings are about."""
        text, act = plainly(parts), self.situation.act
        if "placeholder" in text.lower():
            raise Rejected("speaks of placeholders instead of using them")
        if not slots_of(parts) and len(act.frames) >= _RICH and not on_matter(text, self.situation.pack, act.name):
            raise Rejected("speaks of something else")

    def _news(self, parts: Parts, others: Sequence[str]) -> None:
        text = plainly(parts)
        words = _words(text)
        if any(_likeness(_pairs(_masked(words)), example) >= _ALIKE for example in self._examples):
            raise Rejected("repeats the example of the instructions")
        if not self.situation.opens and _greets(text, self._greetings):
            raise Rejected("greets, and it comes in the middle of the chat")
        mine = _pairs(words)
        for theirs in [*self._bank, *(_pairs(_words(other)) for other in others)]:
            if mine == theirs or _likeness(mine, theirs) >= _ALIKE:
                raise Rejected("is there already, or nearly so")

    def _trial(self, parts: Parts) -> None:
        """The turn as it will stand in a record, with the values that a few dialogues had."""
        for sample in self.situation.samples:
            if not {slot.name for slot in slots_of(parts)} <= sample.values.keys():
                continue
            text = " ".join("".join(piece for piece, _ in render(parts, Random(0), self._show(sample))).split())
            try:
                clean = sanitise(text)
            except Rejected as reason:
                raise Rejected(f"can't be said: {reason.message}") from None
            if clean != text:
                raise Rejected("holds markup, a speaker's name or quotes around the whole")

    def _show(self, sample: Sample) -> Any:
        forms = self.situation.pack.slots

        def show(slot: Slot) -> str:
            return forms[slot.name].forms.text(sample.values[slot.name], slot.form, sample.now, Random(0))

        return show

    @cached_property
    def _known_facts(self) -> frozenset[str]:
        texts = (_wording(frame.parts) for frame in self.situation.act.frames)
        return frozenset(match.group().lower() for text in texts for match in _FACT.finditer(text))

    @cached_property
    def _values(self) -> list[tuple[str, str]]:
        """(slot, what it looked like in the sample, lower case): values long enough to be no accident."""
        shown = {
            (name, self._show(sample)(Slot(name, form)).lower())
            for sample in self.situation.samples
            for name in self.situation.allowed & sample.values.keys()
            for form in self.situation.pack.slots[name].forms.default
        }
        return sorted((name, text) for name, text in shown if len(text) >= 6 or any(char.isdigit() for char in text))

    @cached_property
    def _bank(self) -> list[frozenset[tuple[str, str]]]:
        return [_pairs(_words(text)) for frame in self.situation.act.frames for text in _spellings(frame.parts)]

    @cached_property
    def _capitals(self) -> frozenset[str]:
        return capitals(self.situation.pack)

    @cached_property
    def _greetings(self) -> tuple[str, ...]:
        """What this pack's frames begin with when they greet: the first words of its openers."""
        return tuple(opener.strip(" ,.!").lower() for opener in self.situation.pack.openers)

    @cached_property
    def _examples(self) -> list[frozenset[tuple[str, str]]]:
        return [_pairs(_masked(_words(text))) for text in EXAMPLE]


def fresh(frames: Iterable[str], others: Iterable[str]) -> list[str]:
    """Those of `frames` that are not like one of `others` or like an earlier one."""
    seen = [_pairs(_words(text)) for text in others]
    kept: list[str] = []
    for frame in frames:
        mine = _pairs(_words(frame))
        if all(_likeness(mine, theirs) < _ALIKE for theirs in seen):
            kept.append(frame)
            seen.append(mine)
    return kept


@lru_cache(maxsize=4)
def capitals(pack: Pack) -> frozenset[str]:
    """Every word that the pack's own wordings write with a capital somewhere, lower case."""
    texts = [pack.description, *(plainly(frame.parts) for act in pack.acts.values() for frame in act.frames)]
    return frozenset(match.group().lower() for text in texts for match in _CAPITAL.finditer(text)) | {"i", "ok"}


def _wording(parts: Parts) -> str:
    """What a frame says without its slots."""
    return "".join(part if isinstance(part, str) else " " for part in parts if not isinstance(part, Choice))


def _spellings(parts: Parts) -> Iterator[str]:
    """A frame along the first, and along the last, of its alternatives."""
    yield plainly(parts)
    last = _lastly(parts)
    if last != plainly(parts):
        yield last


def _lastly(parts: Parts) -> str:
    words: list[str] = []
    for part in parts:
        if isinstance(part, Choice):
            words.append(_lastly(part.options[-1]))
        else:
            words.append(part if isinstance(part, str) else f"{{{part.name}}}")
    return " ".join("".join(words).split())


def _words(text: str) -> list[str]:
    """Lower-case words, slots without their forms."""
    return _TOKEN.findall(re.sub(r"\|\w+\}", "}", text.lower()))


def _masked(words: Sequence[str]) -> list[str]:
    """All slots alike."""
    return ["{}" if word.startswith("{") else word for word in words]


def _pairs(words: Sequence[str]) -> frozenset[tuple[str, str]]:
    return frozenset(zip(["^", *words], [*words, "$"], strict=True))


def _likeness(mine: frozenset[Any], theirs: frozenset[Any]) -> float:
    shared = len(mine & theirs)
    return shared / (len(mine) + len(theirs) - shared)


def _greets(text: str, greetings: Sequence[str]) -> bool:
    head = text.lower()
    return any(head.startswith(word) and not head[len(word) : len(word) + 1].isalpha() for word in (*greetings, "hi", "hello"))


def _told(count: int, flaws: Mapping[str, Sequence[str]]) -> str:
    """The most frequent flaws, each with one wording that has it."""
    many = Counter({reason: len(texts) for reason, texts in flaws.items()})
    parts = [f'{number} because: {reason} ("{flaws[reason][0]}")' for reason, number in many.most_common(_MOST_TOLD)]
    return f"{sum(many.values())} of {count} wordings can't be used: {'; '.join(parts) or 'write more of them'}"
