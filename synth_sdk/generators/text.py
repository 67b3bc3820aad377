"""`text`: paragraphs made offline or written by models."""

import re
from collections.abc import Mapping

from synth_sdk.core.dates import MONTHS, WEEKDAYS
from synth_sdk.core.errors import Rejected, RequestError
from synth_sdk.core.models import Json
from synth_sdk.core.seeds import pick
from synth_sdk.core.spec import Spec
from synth_sdk.dialogue import sanitise
from synth_sdk.engine.text import TextSource
from synth_sdk.engine.themes import Theme
from synth_sdk.generators.banks import sentences
from synth_sdk.generators.constraints import positive_int
from synth_sdk.generators.offline import OfflineGenerator
from synth_sdk.generators.text_bank import BLUEPRINT_RULES, BLUEPRINT_SCHEMA, blueprint_flaws
from synth_sdk.generators.written import Draft, hints, initials

_RULES = """You write short plain paragraphs, as test data for software that handles text. Each brief asks for one paragraph.
- It has exactly as many sentences as the brief says, in one paragraph of running text: no heading, no list, no markup, no line breaks.
- It is about one thing, told with particulars, in the language and the voice that the brief names; no moral at the end.
- Write no abbreviations with full stops ("e.g.", "Dr."), so that sentences can be counted."""
_VOICES = (
    "a local newspaper", "a diary", "a letter to a friend", "a product page", "a post in a forum", "a travel note", "the minutes of a meeting",
    "an encyclopaedia", "a review", "an e-mail at work", "a manual", "a report to the neighbours", "an interview", "a short story", "a notice",
)  # fmt: skip
_MATTERS = (
    "a repair", "a small business", "school", "the weather", "a journey", "cooking", "software", "a hospital", "sport", "an argument", "animals",
    "money", "a house", "music", "a delivery", "the garden", "research", "a town's history", "transport", "a festival", "farming", "a game",
    "an old object", "a neighbour", "work in shifts", "the sea", "a club", "a mistake", "craft", "a queue",
)  # fmt: skip
_NAME = re.compile(r"(?<=[a-z,] )[A-Z]\w+(?: [A-Z]\w+)*")
_LISTED = re.compile(r"^\s*(?:[-*>]|#+|\d+\.)\s", re.MULTILINE)
_END = re.compile(r"[.!?]['\"”’)]*$")


class TextGenerator(OfflineGenerator):
    """Records `{text}` with between `min_sentences` and `max_sentences` sentences (defaults 1 and 5)."""

    kind = "text"
    constraint_keys = frozenset({"min_sentences", "max_sentences"})
    record_schema: Json = {
        "type": "object",
        "properties": {"text": {"type": "string", "minLength": 1}},
        "required": ["text"],
        "additionalProperties": False,
    }
    rows_per_batch = 1024
    writing_schema = record_schema
    writing_rules = _RULES
    blueprint_schema = BLUEPRINT_SCHEMA
    blueprint_rules = BLUEPRINT_RULES

    def __init__(self, spec: Spec) -> None:
        super().__init__(spec)
        self._fewest = positive_int(spec.constraints, "min_sentences", 1)
        self._most = positive_int(spec.constraints, "max_sentences", max(5, self._fewest))
        if self._fewest > self._most:
            raise RequestError(f"constraint min_sentences={self._fewest} is above max_sentences={self._most}: swap them")
        themes = tuple(
            Theme(**{bank: tuple(texts) for bank, texts in theme.items()}) for theme in self._blueprint().get("themes", ())
        )
        self._source = TextSource(spec.seed, spec.locale, self._fewest, self._most, themes)

    def record(self, row: int) -> Json:
        return self._source.record(row)

    def features(self, record: Json) -> Mapping[str, str | float | bool | None]:
        return {"characters": len(record["text"]), "words": len(record["text"].split())}

    def said(self, record: Json) -> str:
        text: str = record["text"]
        return text

    def blueprint_flaws(self, value: Json) -> list[str]:
        return blueprint_flaws(value)

    def draft(self, row: int, *, retry: int = 0) -> Draft:
        """As long as the offline paragraph, with its people and places; what it is about is drawn anew."""
        offline = self.record(row)
        source = hints(self._spec.seed, self.kind, row, retry)
        count = sentences(offline["text"])
        names = _names(offline["text"]) if self._spec.locale.startswith("en") else []
        people = f"In it: {' and '.join(names)}." if names else f"Names in it begin with {initials(source)}."
        brief = (
            f"{count} sentence{'s' * (count > 1)}, about {len(offline['text'].split())} words, locale {self._spec.locale}. "
            f"It reads like {pick(source, _VOICES)}; it has to do with {pick(source, _MATTERS[::2])} and with {pick(source, _MATTERS[1::2])}. {people}"
        )
        return Draft(brief=brief, words=lambda: offline, assemble=self._checked, difficulty=min(1.0, count / 20))

    def _checked(self, words: Json) -> Json:
        """One paragraph with at most as many sentences as are wanted: more of them are cut off, fewer are Rejected."""
        if _LISTED.search(words["text"]):
            raise Rejected("the text must be one paragraph, without a list or a heading")
        text = _first_sentences(sanitise(words["text"]), self._most)
        if (count := sentences(text)) < self._fewest:
            raise Rejected(f"the text has {count} sentences; it must have {self._fewest} to {self._most}")
        return {"text": text}


def _first_sentences(text: str, most: int) -> str:
    """`text` up to the end of its sentence number `most`."""
    words = text.split()
    ends = [place for place, word in enumerate(words, 1) if _END.search(word)]
    return " ".join(words[: ends[most - 1]]) if len(ends) >= most else text


def _names(text: str) -> list[str]:
    """Two people or places in `text`."""
    found = dict.fromkeys(_NAME.findall(text))
    return [name for name in found if name not in MONTHS and name not in WEEKDAYS][:2]
