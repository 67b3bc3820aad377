"""Words of a locale: tuples drawn once from Faker, from which records then pick. Picking is some 30 times faster than asking Faker.

A bank depends on the locale and Faker's version alone, so the same seed gives the same values in any order of rows and on any day.
Faker's frequencies survive, since a bank is a sample of its output.
"""

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from synth_sdk.core.errors import UnknownName
from synth_sdk.core.seeds import derive

_SIZES = {"first_name_male": 600, "first_name_female": 600, "last_name": 800, "phone_number": 300, "street_address": 400}
_USUAL_SIZE = 250
_DEFAULT_LOCALE = "en_US"


@dataclass(frozen=True, slots=True)
class Place:
    """Parts of an address that belong together. `state` and `state_code` are empty where the locale has none."""

    city: str
    state: str
    state_code: str
    postcode: str
    country: str
    country_code: str


@cache
def check_locale(locale: str) -> str:
    """`locale` in Faker's spelling. UnknownName offers the nearest ones."""
    from faker.config import AVAILABLE_LOCALES

    spelt = locale.replace("-", "_")
    by_folded = {name.casefold(): name for name in AVAILABLE_LOCALES}
    found = by_folded.get(spelt.casefold())
    if found is None:
        raise UnknownName("locale", locale, AVAILABLE_LOCALES)
    return found


@cache
def _faker(locale: str) -> Any:
    """A Faker of its own for `locale`; its random source is never the shared one."""
    from faker import Faker

    faker = Faker(locale)
    faker.seed_instance(0)
    return faker


@lru_cache(maxsize=1024)
def words(locale: str, *methods: str) -> tuple[str, ...]:
    """Several hundred results of the first of Faker's `methods` that the locale (failing that, en_US) knows."""
    for where in (locale, _DEFAULT_LOCALE):
        faker = _faker(where)
        for method in methods:
            make = getattr(faker, method, None)
            if make is not None:
                faker.seed_instance(derive(0, "bank", locale, method))
                return tuple(str(make()) for _ in range(_SIZES.get(method, _USUAL_SIZE)))
    raise LookupError(f"Faker has none of {methods}")


@lru_cache(maxsize=64)
def places(locale: str) -> tuple[Place, ...]:
    """Cities with a state, a postcode of that state where Faker knows it, and the locale's country."""
    faker = _faker(locale)
    faker.seed_instance(derive(0, "bank", locale, "places"))
    country, code = _country(faker, locale)
    found = []
    for _ in range(300):
        state_code = _ask(faker, "state_abbr", include_territories=False, include_freely_associated_states=False) or _ask(
            faker, "state_abbr"
        )
        state = (
            US_STATES.get(state_code, "") if code == "US" else _ask(faker, "state", "administrative_unit", "province", "region")
        )
        postcode = _ask(faker, "postcode_in_state", state_abbr=state_code) if code == "US" else ""
        found.append(Place(_ask(faker, "city"), state, state_code, postcode or _ask(faker, "postcode", "zipcode"), country, code))
    return tuple(found)


def paragraph(locale: str, seed: int, sentences: int) -> str:
    """`sentences` sentences in the locale's filler text, from a source seeded with `seed` alone."""
    faker = _faker(locale)
    faker.seed_instance(seed)
    return " ".join(faker.sentence() for _ in range(sentences))


def _ask(faker: Any, *methods: str, **arguments: Any) -> str:
    for method in methods:
        make = getattr(faker, method, None)
        if make is not None:
            try:
                return str(make(**arguments))
            except (TypeError, ValueError, AttributeError):
                continue
    return ""


def _country(faker: Any, locale: str) -> tuple[str, str]:
    code = locale.split("_")[1] if "_" in locale and len(locale.split("_")[1]) == 2 else "US"
    try:
        return str(faker.current_country()), str(faker.current_country_code())
    except (AttributeError, ValueError):
        return {"US": "United States"}.get(code, code), code


US_STATES = {
    "AL": "Alabama", "AK": "Alaska", "AZ": "Arizona", "AR": "Arkansas", "CA": "California", "CO": "Colorado", "CT": "Connecticut",
    "DE": "Delaware", "DC": "District of Columbia", "FL": "Florida", "GA": "Georgia", "HI": "Hawaii", "ID": "Idaho", "IL": "Illinois",
    "IN": "Indiana", "IA": "Iowa", "KS": "Kansas", "KY": "Kentucky", "LA": "Louisiana", "ME": "Maine", "MD": "Maryland",
    "MA": "Massachusetts", "MI": "Michigan", "MN": "Minnesota", "MS": "Mississippi", "MO": "Missouri", "MT": "Montana",
    "NE": "Nebraska", "NV": "Nevada", "NH": "New Hampshire", "NJ": "New Jersey", "NM": "New Mexico", "NY": "New York",
    "NC": "North Carolina", "ND": "North Dakota", "OH": "Ohio", "OK": "Oklahoma", "OR": "Oregon", "PA": "Pennsylvania",
    "RI": "Rhode Island", "SC": "South Carolina", "SD": "South Dakota", "TN": "Tennessee", "TX": "Texas", "UT": "Utah",
    "VT": "Vermont", "VA": "Virginia", "WA": "Washington", "WV": "West Virginia", "WI": "Wisconsin", "WY": "Wyoming",
}  # fmt: skip
