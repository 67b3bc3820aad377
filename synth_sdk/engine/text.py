"""Plain paragraphs: English from themes, other languages from Faker's filler text."""

from collections.abc import Sequence
from functools import lru_cache

from synth_sdk.core.dates import MONTHS, WEEKDAYS
from synth_sdk.core.seeds import derive, permuted
from synth_sdk.engine.corpora import banks
from synth_sdk.engine.dice import Dice
from synth_sdk.engine.themes import THEMES, Theme


@lru_cache(maxsize=16)
def _people(locale: str) -> tuple[tuple[str, str], ...]:
    """First names with their pronoun's gender, without repeats."""
    drawn = {word: gender for gender in ("female", "male") for word in banks.words(locale, f"first_name_{gender}", "first_name")}
    return tuple(sorted(drawn.items()))


@lru_cache(maxsize=16)
def _distinct(locale: str, method: str) -> tuple[str, ...]:
    return tuple(sorted({word for word in banks.words(locale, method) if "." not in word}))


class TextSource:
    """Paragraphs of `min_sentences` to `max_sentences` sentences. `record(n)` is a pure function of (seed, locale, bounds, n).

    English paragraphs stay on one theme and differ from record to record by construction: record n gets pair n of a seeded
    permutation of (full name, town), millions of which exist. `themes` take the place of the built-in ones, in any locale. UnknownName
    for a locale that Faker doesn't have.
    """

    def __init__(
        self, seed: int, locale: str = "en_US", min_sentences: int = 1, max_sentences: int = 5, themes: Sequence[Theme] = ()
    ) -> None:
        self._seed, self._themes = seed, themes
        self._locale = banks.check_locale(locale)
        self._fewest, self._most = min_sentences, max_sentences

    def record(self, index: int) -> dict[str, str]:
        """Record `index` (from 0): `{"text": ...}`."""
        dice = Dice(derive(self._seed, "text", index))
        count = dice.between(self._fewest, self._most)
        if not self._themes and not self._locale.startswith("en"):
            return {"text": banks.paragraph(self._locale, derive(self._seed, "text", index), count)}
        return {"text": self._english(index, count, dice)}

    def _english(self, index: int, count: int, dice: Dice) -> str:
        theme = dice.pick(self._themes or THEMES)
        fixed = self._pair(index)
        middles = [frame for _ in range(-(-max(0, count - 2) // len(theme.middles))) for frame in dice.shuffled(theme.middles)]
        frames = [dice.pick(theme.openings), *middles[: max(0, count - 2)]]
        if count > 1:
            frames.append(dice.pick(theme.closings))
        return " ".join(_fill(frame, {**self._loose(theme, fixed["first"], dice), **fixed}) for frame in frames)

    def _pair(self, index: int) -> dict[str, str]:
        """Who and where: different for each index until all pairs have been used."""
        people, lasts, towns = _people(self._locale), _distinct(self._locale, "last_name"), _distinct(self._locale, "city")
        place = permuted(index, len(people) * len(lasts) * len(towns), derive(self._seed, "text", "who"))
        place, person = divmod(place, len(people))
        town, last = divmod(place, len(lasts))
        first, gender = people[person]
        she, her = ("she", "her") if gender == "female" else ("he", "his")
        return {"name": f"{first} {lasts[last]}", "first": first, "town": towns[town], "she": she, "her": her}

    def _loose(self, theme: Theme, first: str, dice: Dice) -> dict[str, str]:
        """What is drawn anew for each sentence."""
        people = _people(self._locale)
        other = dice.below(len(people))
        return {
            "other": people[other][0] if people[other][0] != first else people[other - 1][0],
            "n": str(dice.between(3, 40)),
            "day": dice.pick(WEEKDAYS),
            "month": dice.pick(MONTHS),
            "a": dice.pick(theme.a),
            "b": dice.pick(theme.b),
        }


def _fill(frame: str, words: dict[str, str]) -> str:
    text = frame.format_map(words)
    return text[0].upper() + text[1:]
