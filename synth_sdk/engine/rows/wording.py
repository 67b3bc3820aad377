"""Text for each meaning, one at a time, in agreement with the scene."""

from collections.abc import Callable

from synth_sdk.engine.dice import Dice
from synth_sdk.engine.meaning.countries import IBAN_DIGITS, iban_country
from synth_sdk.engine.meaning.naming import PLACES_NEAR, meaning_of, person_role, what_is_named
from synth_sdk.engine.meaning.reserved import zip3
from synth_sdk.engine.meaning.vocabulary import corpus_sampler, sampler_of
from synth_sdk.engine.rows.scene import Person, Scene

_HEX = "0123456789abcdef"
_DIGITS = "0123456789"
Writer = Callable[[Scene, Dice, str], str]


def write(meaning: str, role: str, scene: Scene, dice: Dice) -> str:
    """Text that means `meaning`. `role` is what the property's name says before that; unknown meanings give a few plain words."""
    writer = _WRITERS.get(meaning)
    if writer is not None:
        return writer(scene, dice, role)
    draw = sampler_of(meaning, scene.locale)
    return draw(dice) if draw is not None else _plain(scene, dice)


def pseudonym(kind: str, name: str, scene: Scene) -> str | None:
    """What belongs to nobody and yet agrees with the scene; None for ranges to which it is all the same."""
    role = meaning_of(name)[1]
    who = person_role(role)
    if kind == "email":
        return scene.email(who)
    if kind == "zip3":
        return zip3(scene.place(role).postcode)
    if kind not in ("first_name", "last_name", "full_name"):
        return None
    person, numbers = scene.person(who), scene.dice.at("@pseudonym", who)
    first, last = (
        f"{part.rstrip(_DIGITS)}{numbers.at(place).between(100, 999)}" for place, part in enumerate((person.first, person.last))
    )
    return {"first_name": first, "last_name": last}.get(kind) or Person(first, last, person.gender).full(scene.locale)


def _plain(scene: Scene, dice: Dice) -> str:
    return " ".join(scene.word(dice, "word") for _ in range(dice.between(1, 3)))


def _name(scene: Scene, dice: Dice, role: str) -> str:
    """A bare `name`: of a product, a company, a place or a person, by what stands around it."""
    meaning = what_is_named(role, scene.owner, scene.siblings)
    return write(meaning, role if meaning == "full_name" else "", scene, dice)


def _full_name(scene: Scene, _dice: Dice, role: str) -> str:
    person = scene.person(person_role(role))
    return person.full(scene.locale)


def _address(scene: Scene, dice: Dice, role: str) -> str:
    place = scene.place(role)
    middle = f"{place.state_code} {place.postcode}" if place.state_code else place.postcode
    return f"{_street(scene, dice, role)}, {place.city}, {middle}"


def _street(scene: Scene, _dice: Dice, role: str) -> str:
    """The same at every call for a role, so that an address repeats the street beside it."""
    return " ".join(corpus_sampler(scene.locale, "street_address", "street_name")(scene.dice.at("@street", role)).split())


def _country(scene: Scene, dice: Dice, role: str) -> str:
    return scene.place(role).country if scene.siblings & PLACES_NEAR else write("any_country", role, scene, dice)


def _country_code(scene: Scene, dice: Dice, role: str) -> str:
    near = scene.siblings & (PLACES_NEAR | {"country"})
    return scene.place(role).country_code if near else write("any_country_code", role, scene, dice)


def _uuid(_scene: Scene, dice: Dice, _role: str) -> str:
    text = f"{dice.bits():016x}{dice.bits():016x}"
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-{_HEX[8 + dice.below(4)]}{text[17:20]}-{text[20:]}"


def _id(scene: Scene, dice: Dice, role: str) -> str:
    return f"{role.split('_')[-1][:4]}_{dice.bits():016x}" if role else _uuid(scene, dice, role)


def _iban(scene: Scene, dice: Dice, _role: str) -> str:
    """An account number with correct check digits (ISO 13616: the rearranged number is 1 modulo 97)."""
    country = iban_country(scene.locale)
    account = "".join(str(dice.below(10)) for _ in range(IBAN_DIGITS[country]))
    code = "".join(str(ord(letter) - 55) for letter in country)
    return f"{country}{98 - int(f'{account}{code}00') % 97:02}{account}"


def _card(_scene: Scene, dice: Dice, _role: str) -> str:
    """Sixteen digits with a correct Luhn check digit, in the test range 4000 00."""
    digits = [4, 0, 0, 0, 0, 0] + [dice.below(10) for _ in range(9)]
    total = sum(sum(divmod(2 * digit, 10)) if place % 2 == 0 else digit for place, digit in enumerate(digits))
    return "".join(map(str, digits)) + str(-total % 10)


def _article_number(prefix: str) -> Writer:
    """Thirteen digits that begin with `prefix` and end in the EAN check digit."""

    def write_number(_scene: Scene, dice: Dice, _role: str) -> str:
        digits = [*map(int, prefix), *(dice.below(10) for _ in range(12 - len(prefix)))]
        total = sum(digit * (3 if place % 2 else 1) for place, digit in enumerate(digits))
        return "".join(map(str, digits)) + str(-total % 10)

    return write_number


_WRITERS: dict[str, Writer] = {
    "first_name": lambda scene, _, role: scene.person(person_role(role)).first,
    "last_name": lambda scene, _, role: scene.person(person_role(role)).last,
    "full_name": _full_name,
    "name": _name,
    "gender": lambda scene, _, role: scene.person(person_role(role)).gender,
    "username": lambda scene, _, role: scene.handle(person_role(role)),
    "email": lambda scene, _, role: scene.email(person_role(role)),
    "street": _street,
    "address": _address,
    "city": lambda scene, _, role: scene.place(role).city,
    "state": lambda scene, _, role: scene.place(role).state or scene.place(role).city,
    "state_code": lambda scene, _, role: scene.place(role).state_code,
    "postcode": lambda scene, _, role: scene.place(role).postcode,
    "country": _country,
    "country_code": _country_code,
    "uuid": _uuid,
    "id": _id,
    "iban": _iban,
    "card_number": _card,
    "barcode": _article_number("40"),
    "isbn": _article_number("9783"),
}
