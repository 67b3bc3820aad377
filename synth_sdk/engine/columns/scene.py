"""What the columns of one object share, so that they agree: a person, a place, a line of time."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any, TypeVar

import numpy as np

from synth_sdk.engine.columns.lanes import I32, I64, Mask, Rows, Weighted, below, below_again, between, chance, label
from synth_sdk.engine.columns.pools import Block, Lane, Pool, Table, pool_of
from synth_sdk.engine.columns.texts import Drawn, compile_grammar
from synth_sdk.engine.columns.values import Column
from synth_sdk.engine.grammar.model import Words
from synth_sdk.engine.meaning.countries import FAMILY_NAME_FIRST, country_code
from synth_sdk.engine.meaning.customs import DAY, DOMAINS, LONGEST_STEP
from synth_sdk.engine.meaning.vocabulary import corpus
from synth_sdk.engine.rows.scene import ascii_word

T = TypeVar("T")
AT_DOMAINS = tuple(f"@{domain}" for domain in DOMAINS)
_EARLIEST_BIRTH, _LATEST_BIRTH = 80 * 365, 18 * 366  # days before the start
_BEFORE = (30, 700)  # days before the start when a life begins
_RANKS = 8


@dataclass(slots=True, eq=False)
class Scope:
    """The rows of one object while its columns are drawn. `columns`: those drawn so far, by property name; `shown`: in which rows,
    where that isn't all of them.
    """

    rows: Rows
    block: Block
    columns: dict[str, Column] = field(default_factory=dict)
    memo: dict[Any, Any] = field(default_factory=dict)
    shown: dict[str, Mask] = field(default_factory=dict)

    def once(self, key: Any, make: Callable[[], T]) -> T:
        """The value of `make()`, the same at every call with `key`."""
        if key not in self.memo:
            self.memo[key] = make()
        found: T = self.memo[key]
        return found


@dataclass(frozen=True, slots=True, eq=False)
class _Names:
    """Names and, at the same places, what user names are made of."""

    pool: Pool
    handles: Pool
    initials: Pool
    weighted: Weighted | None


@lru_cache(maxsize=64)
def _names(locale: str, *methods: str) -> _Names:
    from synth_sdk.engine.corpora.banks import words

    found = corpus(locale, *methods)
    if not isinstance(found, Words):
        found = Words(tuple(dict.fromkeys(words(locale, *methods))))
    handles = [ascii_word(text) for text in found.texts]
    if not all(handles):  # a script that doesn't decompose: accounts are in Latin letters all the same
        latin = _names("en_US", *methods).handles.raw.to_pylist()
        handles = [handle or latin[place % len(latin)] for place, handle in enumerate(handles)]
    weighted = Weighted.of(found.weights) if found.weights and len(set(found.weights)) > 1 else None
    return _Names(Pool(found.texts), Pool(handles), Pool([handle[0] for handle in handles]), weighted)


@dataclass(frozen=True, slots=True, eq=False)
class _States:
    """The parts of a country. `lows` and `spans`: the range of postcodes in each; None where postcodes have nothing to do with them."""

    names: tuple[str, ...]
    codes: tuple[str, ...]
    lows: I64 | None = None
    spans: I64 | None = None


@lru_cache(maxsize=64)
def _states(locale: str) -> _States | None:
    from synth_sdk.engine.corpora.banks import US_STATES

    if country_code(locale) == "US":
        from faker.providers.address.en_US import Provider

        ranges = {code: Provider.states_postcode[code] for code in US_STATES}
        lows = np.array([low for low, _ in ranges.values()], np.int64)
        highs = np.array([high for _, high in ranges.values()], np.int64)
        return _States(tuple(US_STATES.values()), tuple(ranges), lows, highs - lows + 1)
    return None


class Scenery:
    """The people, places and moments of the objects at one place in the schema. Pools enter the table when first needed."""

    def __init__(self, table: Table, seed: int, locale: str, start: datetime, path: str) -> None:
        self.table = table
        self.seed = seed
        self.locale = locale
        self.start = start.astimezone(UTC)
        self.path = path
        self._grammars: dict[str, Drawn] = {}

    def at(self, path: str) -> "Scenery":
        """The scenery of other objects, at `path`."""
        return Scenery(self.table, self.seed, self.locale, self.start, path)

    def text(self, text: str) -> int:
        """The position of a text that is the same for all."""
        return self.table.add(pool_of((text,)))

    def lane(self, name: str) -> int:
        """The label of a shared lane."""
        return label(self.seed, self.path, f"@{name}")

    def grammar(self, name: str, *methods: str) -> Drawn:
        """The corpus of Faker's `methods`, drawn from the shared lane `name`."""
        if name not in self._grammars:
            grammar = corpus(self.locale, *methods)
            self._grammars[name] = compile_grammar(grammar, self.table, self.seed, f"{self.path}@{name}")
        return self._grammars[name]

    # people

    def female(self, scope: Scope, role: str) -> Mask:
        """Who is a woman."""
        return scope.once(("female", role), lambda: chance(scope.rows.draw(self.lane(f"gender {role}")), 0.5))

    def first_name(self, scope: Scope, role: str, form: str = "pool") -> I32:
        """Positions of first names; `form`: pool, handles or initials."""
        female, male = (
            _names(self.locale, "first_name_female", "first_name"),
            _names(self.locale, "first_name_male", "first_name"),
        )

        def draw() -> tuple[I64, I64]:
            bits = scope.rows.draw(self.lane(f"first {role}"))
            return _draw(female, bits), _draw(male, bits)

        women, men = scope.once(("first", role), draw)
        bases = self.table.add(getattr(female, form)), self.table.add(getattr(male, form))
        return np.where(self.female(scope, role), women + bases[0], men + bases[1]).astype(np.int32)

    def last_name(self, scope: Scope, role: str, form: str = "pool") -> I32:
        """Positions of family names."""
        names = _names(self.locale, "last_name")
        places = scope.once(("last", role), lambda: _draw(names, scope.rows.draw(self.lane(f"last {role}"))))
        return (places + self.table.add(getattr(names, form))).astype(np.int32)

    def full_name(self, scope: Scope, role: str) -> list[Lane]:
        """Names in the order of the locale."""
        first, last = self.first_name(scope, role), self.last_name(scope, role)
        joint = FAMILY_NAME_FIRST.get(self.locale)
        if joint is None:
            return [first, self.table.add(pool_of((" ",))), last]
        return [last, self.table.add(pool_of((joint,))), first]

    def handle(self, scope: Scope, role: str, *, joints: tuple[str, ...], numbers: int = 99) -> list[Lane]:
        """User names made from the person's name, in ASCII; half of them with a number up to `numbers`."""
        bits = scope.rows.draw(self.lane(f"handle {role}"))
        shape = below(bits, 4)
        first = np.where(shape == 1, self.first_name(scope, role, "initials"), self.first_name(scope, role, "handles"))
        last = np.where(shape == 3, self.last_name(scope, role, "initials"), self.last_name(scope, role, "handles"))
        number = below_again(bits, numbers) + self.table.add(pool_of(_counting(numbers)))
        joint = below(scope.rows.draw(self.lane(f"joint {role}")), len(joints)) + self.table.add(pool_of(joints))
        return [part.astype(np.int32) for part in (first, joint, last, np.where(shape >= 2, number, 0))]

    def email(self, scope: Scope, role: str) -> list[Lane]:
        """Addresses made from the person's name, in domains reserved for examples."""
        return [*self.handle(scope, role, joints=(".", "_", "-")), self.domain(scope, role)]

    def domain(self, scope: Scope, role: str) -> I32:
        """The `@` and what follows it."""
        places = below(scope.rows.draw(self.lane(f"domain {role}")), len(AT_DOMAINS))
        return (places + self.table.add(pool_of(AT_DOMAINS))).astype(np.int32)

    # places

    def state(self, scope: Scope, role: str) -> I64:
        """Positions among the states of the country."""
        states = _states(self.locale)
        count = len(states.names) if states else 1
        return scope.once(("state", role), lambda: below(scope.rows.draw(self.lane(f"state {role}")), count))

    def state_name(self, scope: Scope, role: str) -> list[Lane]:
        states = _states(self.locale)
        if states:
            return [(self.state(scope, role) + self.table.add(pool_of(states.names))).astype(np.int32)]
        return self.grammar(f"state {role}", "state", "administrative_unit", "province", "region", "city").lanes(
            scope.rows, scope.block
        )

    def state_code(self, scope: Scope, role: str) -> list[Lane]:
        states = _states(self.locale)
        if states:
            return [(self.state(scope, role) + self.table.add(pool_of(states.codes))).astype(np.int32)]
        return self.grammar(f"state_code {role}", "state_abbr", "province_abbr").lanes(scope.rows, scope.block)

    def zip_numbers(self, scope: Scope, role: str) -> I64 | None:
        """Postcodes of five digits, as numbers, where they depend on the state; None elsewhere."""
        states = _states(self.locale)
        if not states or states.lows is None or states.spans is None:
            return None
        state = self.state(scope, role)
        offset = (scope.rows.draw(self.lane(f"postcode {role}")) >> np.uint64(32)).view(np.int64) * states.spans[state] >> 32
        return states.lows[state] + offset

    def postcode(self, scope: Scope, role: str) -> list[Lane]:
        """Postcodes of the state where postcodes depend on it."""
        numbers = self.zip_numbers(scope, role)
        if numbers is not None:
            from synth_sdk.engine.columns.texts import number_lanes

            return number_lanes(numbers, 5, scope.block)
        return self.grammar(f"postcode {role}", "postcode", "zipcode").lanes(scope.rows, scope.block)

    def city(self, scope: Scope, role: str) -> list[Lane]:
        return self.grammar(f"city {role}", "city").lanes(scope.rows, scope.block)

    def street(self, scope: Scope, role: str) -> list[Lane]:
        return self.grammar(f"street {role}", "street_address", "street_name").lanes(scope.rows, scope.block)

    def address(self, scope: Scope, role: str) -> list[Lane]:
        """Street, city, state and postcode in one line."""
        comma, space = self.table.add(pool_of((", ",))), self.table.add(pool_of((" ",)))
        line = [*self.street(scope, role), comma, *self.city(scope, role), comma]
        return [*line, *((*self.state_code(scope, role), space) if _states(self.locale) else ()), *self.postcode(scope, role)]

    # time

    def moment(self, scope: Scope, rank: int) -> I64:
        """Seconds since 1970 when the event of `rank` (1 creation ... 7 removal) happens: always after those of lower ranks, on a
        later day.
        """
        if rank <= 0:

            def begin() -> I64:
                bits = scope.rows.draw(self.lane("life"))
                return int(self.start.timestamp()) - between(bits, *_BEFORE) * DAY - below_again(bits, DAY)

            return scope.once(("moment", 0), begin)

        def follow() -> I64:
            step = between(scope.rows.draw(self.lane(f"step {rank}")), DAY, LONGEST_STEP)
            return self.moment(scope, rank - 1) + step

        return scope.once(("moment", rank), follow)

    def moment_days(self) -> range:
        """The days since 1970 on which moments can lie."""
        start = int(self.start.timestamp()) // DAY
        return range(start - _BEFORE[1] - 2, start + _RANKS * 20 + 2)

    def birth(self, scope: Scope, role: str) -> I64:
        """Days since 1970 of a birth 18 to 80 years before the start."""
        start = int(self.start.timestamp()) // DAY
        return scope.once(
            ("birth", role), lambda: start - between(scope.rows.draw(self.lane(f"birth {role}")), _LATEST_BIRTH, _EARLIEST_BIRTH)
        )

    def birth_days(self) -> range:
        """The days since 1970 on which births can lie."""
        start = int(self.start.timestamp()) // DAY
        return range(start - _EARLIEST_BIRTH, start - _LATEST_BIRTH + 1)

    def age(self, scope: Scope, role: str) -> I64:
        """Whole years from birth to the start."""
        days = self.birth_days()
        return _ages(self.start.date(), days.start, days.stop)[self.birth(scope, role) - days.start]


@lru_cache(maxsize=16)
def _counting(most: int) -> tuple[str, ...]:
    """1 ... `most`; the same object each time, since a pool is made for each tuple."""
    return tuple(map(str, range(1, most + 1)))


@lru_cache(maxsize=16)
def _ages(on: date, first: int, stop: int) -> I64:
    born = [date(1970, 1, 1) + timedelta(days=day) for day in range(first, stop)]
    return np.array([on.year - day.year - ((on.month, on.day) < (day.month, day.day)) for day in born], np.int64)


def _draw(names: _Names, bits: Any) -> I64:
    return names.weighted.draw(bits) if names.weighted else below(bits, len(names.pool))
