"""What the fields of one object share, so that they agree: a person, a place, a line of time, and the values made so far."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from synth_sdk.core.models import Json
from synth_sdk.engine.corpora import banks
from synth_sdk.engine.dice import Dice
from synth_sdk.engine.meaning.countries import FAMILY_NAME_FIRST
from synth_sdk.engine.meaning.customs import DAY, DOMAINS, LONGEST_STEP
from synth_sdk.engine.meaning.vocabulary import corpus_sampler


@dataclass(frozen=True, slots=True)
class Person:
    first: str
    last: str
    gender: str

    def full(self, locale: str) -> str:
        """The whole name in the order of the locale."""
        joint = FAMILY_NAME_FIRST.get(locale)
        return f"{self.first} {self.last}" if joint is None else f"{self.last}{joint}{self.first}"


@dataclass(slots=True)
class Scene:
    """The shared ground of one object. `siblings` are its declared property names in snake_case; `owner` the name it stands under."""

    dice: Dice
    locale: str
    start: datetime
    index: int
    owner: str = ""
    siblings: frozenset[str] = frozenset()
    values: dict[str, Json] = field(default_factory=dict)
    drawn: dict[tuple[str, str | int], Any] = field(
        default_factory=dict
    )  # what was drawn for the scene, so that it is drawn once

    def word(self, dice: Dice, *methods: str) -> str:
        """What one of Faker's `methods` says in the locale."""
        return corpus_sampler(self.locale, *methods)(dice)

    def person(self, role: str = "") -> Person:
        """The person in `role`; the same at every call. Names that the object already shows win."""
        found: Person | None = self.drawn.get(("person", role))
        if found is None:
            dice = self.dice.at("@person", role)
            gender = dice.pick(("female", "male"))
            first = self.word(dice, f"first_name_{gender}", "first_name")
            last = self.word(dice, f"last_name_{gender}", "last_name")
            found = self.drawn["person", role] = Person(first, last, gender)
        return found if role else Person(*self._shown(found.first, found.last), found.gender)

    def _shown(self, first: str, last: str) -> tuple[str, str]:
        full = self._text("full_name", "name", "fullname").split()
        if len(full) >= 2:
            first, last = full[0], full[-1]
        return self._text("first_name", "given_name", "firstname") or first, self._text(
            "last_name", "surname", "family_name", "lastname"
        ) or last

    def _text(self, *names: str) -> str:
        return next((value for name in names if isinstance(value := self.values.get(name), str) and value), "")

    def email(self, role: str = "") -> str:
        """An address made from the person's name."""
        dice = self.dice.at("@email", role)
        return f"{self.handle(role, dice.pick('.._-'))}@{dice.pick(DOMAINS)}"

    def handle(self, role: str = "", joint: str = "") -> str:
        """A user name made from the person's name, in ASCII."""
        person, dice = self.person(role), self.dice.at("@handle", role)
        first, last = ascii_word(person.first), ascii_word(person.last)
        if not first or not last:
            return ascii_word(self.word(dice, "user_name")) + str(dice.between(10, 99))
        shape = dice.below(4)
        stem = (f"{first}{joint}{last}", f"{first[0]}{joint}{last}", f"{first}{joint}{last}", f"{first}{joint}{last[0]}")[shape]
        return stem + (str(dice.between(1, 99)) if shape >= 2 else "")

    def place(self, role: str = "") -> banks.Place:
        """The place in `role`; the same at every call."""
        return self.dice.at("@place", role).pick(banks.places(self.locale))

    def moment(self, rank: int) -> datetime:
        """When the event of `rank` (1 creation ... 7 removal) happens: always after those of lower ranks, on a later day."""
        found: datetime | None = self.drawn.get(("moment", rank))
        if found is None:
            dice = self.dice.at("@moment")
            seconds = dice.between(0, 86399) - 86400 * dice.between(30, 700)
            for step in range(1, rank + 1):
                seconds += self.dice.at("@moment", step).between(DAY, LONGEST_STEP)
            found = self.drawn["moment", rank] = self.start + timedelta(seconds=seconds)
        return found

    def birth(self, role: str = "") -> datetime:
        """A birth date 18 to 80 years before `start`."""
        return self.start - timedelta(days=self.dice.at("@birth", role).between(18 * 366, 80 * 365))

    def age(self, role: str = "") -> int:
        """Whole years from birth to `start`."""
        born = self.birth(role)
        return self.start.year - born.year - ((self.start.month, self.start.day) < (born.month, born.day))


def ascii_word(text: str) -> str:
    """Letters and digits of `text` in lower-case ASCII; empty for scripts that don't decompose."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return "".join(char for char in plain.lower() if char.isalnum())


def numbers_of(values: Mapping[str, Json], *names: str) -> list[float]:
    """Those of `values` under `names` that are numbers."""
    return [values[name] for name in names if isinstance(values.get(name), int | float) and not isinstance(values[name], bool)]
