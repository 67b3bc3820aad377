"""Ranges that belong to nobody: numbers, addresses and names that look real, and by whose choice no real one is like them.

A sort has several *forms*, spellings of the same range, from the most usual to the strictest; the first that a schema allows is used. Numbers
with check digits are series of groups each of which adds nothing to the check, so that they can be drawn, and numbered without repeats, like
any other text. Sources:

  pan         4000 00: the range that payment processors take their own test cards from; then the test numbers that they publish
  iban        ISO 13616 check digits over a bank code of zeros, which no national registry has given out
  ssn         areas 666 and 900-999 were never issued (20 CFR 422.103; SSA, "Social Security Number Randomization"); groups 01-49 there are no
              ITIN (IRS: 50-65, 70-88, 90-92, 94-99) and no ATIN (93); last two numbers that SSA itself declared void
  phone       555-0100 to 555-0199 in any area (NANPA, 555 line numbers); elsewhere numbers kept for drama: Ofcom, BNetzA (Mitteilung
              148/2021), ARCEP (decision 2018-0881), ACMA, ComReg, PTS; the numbers of the USA where no such range is known to us
  ipv4, ipv6  documentation: RFC 5737, RFC 3849; 198.18.0.0/15 (benchmarking, RFC 2544) where no two may be alike
  mac         documentation: 00-00-5E-00-53-00 to -FF (RFC 9542); locally administered ones where no two may be alike
  email, url, hostname   example.com, .org and .net (RFC 2606)
  imei        reporting body 00, test devices (GSMA TS.06)
  vin         begins with 0, which no region has (ISO 3780)

For the others nobody keeps a registry: they are recognisable (`TEST-00012345`, `Miller482`, Anytown) and occur nowhere else.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import product
from math import prod

from synth_sdk.core.seeds import derive
from synth_sdk.engine.dice import Dice
from synth_sdk.engine.grammar.model import Grammar, Number, Series, Words
from synth_sdk.engine.grammar.shapes import sampler
from synth_sdk.engine.meaning.countries import IBAN_DIGITS, country_code, iban_country
from synth_sdk.engine.meaning.vocabulary import grammar_of, hex_digits, series


def _listed(texts: str) -> tuple[str, ...]:
    return tuple(texts.split())


TEST_CARDS = (  # published by card schemes and processors for testing
    *("4111111111111111", "4012888888881881", "5555555555554444", "5105105105105100", "378282246310005", "371449635398431"),
    *("378734493671000", "6011111111111117", "6011000990139424", "3530111333300000", "3566002020360505", "30569309025904"),
    *("38520000023237", "4222222222222"),
)
_VOID_SSNS = ("078-05-1120", "219-09-9999")
BANK_CODES = {  # digits of bank and branch at the head of a country's account number
    "AT": 5, "BE": 3, "CH": 5, "CZ": 4, "DE": 8, "DK": 4, "ES": 8, "FI": 3, "HU": 8, "NO": 4, "PL": 8, "PT": 8, "SE": 3,
}  # fmt: skip
_AREAS = _listed(  # of the USA and Canada
    "201 202 203 205 206 207 208 209 210 212 213 214 215 216 217 218 219 224 225 228 229 231 234 239 240 248 251 252 253 254 256 260 262 267 "
    "269 270 276 281 301 302 303 304 305 307 308 309 310 312 313 314 315 316 317 318 319 320 321 323 330 334 336 337 339 347 351 352 360 361 "
    "386 401 402 404 405 406 407 408 409 410 412 413 414 415 416 417 419 423 425 432 434 435 440 443 469 478 479 480 484 501 502 503 504 505 "
    "507 508 509 510 512 513 514 515 516 517 518 520 530 540 541 551 559 561 562 563 567 570 571 573 574 580 585 586 601 602 603 604 605 606"
)
_DRAMA: dict[
    str, tuple[str, tuple[tuple[str, str], ...], tuple[int, ...]]
] = {  # calling code; areas with what follows; digits left, in groups
    "GB": (
        "44",
        (
            *(("7700", "900"), ("20", "7946 0"), ("1632", "960"), ("29", "2018 0"), ("191", "498 0"), ("28", "9649 6")),
            *((area, "496 0") for area in _listed("113 114 115 116 117 118 121 131 141 151 161")),
        ),
        (3,),
    ),
    "DE": ("49", (("30", "23125"), ("69", "90009"), ("40", "66969"), ("221", "4710"), ("89", "99998")), (3,)),
    "FR": ("33", (("1", "99 00 "), ("2", "61 91 "), ("3", "53 01 "), ("4", "65 71 "), ("5", "36 49 "), ("6", "39 98 ")), (2, 2)),
    "AU": ("61", tuple((area, f"{start} ") for area in "2378" for start in ("5550", "7010")), (4,)),
    "IE": ("353", (("20", "91"),), (1, 4)),
    "SE": ("46", (("31", "390 06 "), ("40", "628 04 "), ("8", "465 004 ")), (2,)),
}
RESTRICTED_ZIPS = (
    frozenset(  # three digits that stand for 20,000 people or fewer (census of 2000; HHS guidance on 45 CFR 164.514(b))
        _listed("036 059 063 102 203 556 692 790 821 823 830 831 878 879 884 890 893")
    )
)
_SITES = ("@example.com", "@example.org", "@example.net")
SURNAMES = ("Doe", "Roe", "Sample", "Specimen", "Example", "Placeholder", "Testcase", "Mustermann", "Nobody", "Fictitious")
_GIVEN = ("Alex", "Robin", "Sam", "Kim", "Charlie", "Jamie", "Jordan", "Morgan", "Taylor", "Casey", "Jesse", "Riley")
STREETS = (
    "Example",
    "Sample",
    "Specimen",
    "Placeholder",
    "Testing",
    "Mockingbird",
    "Fictional",
    "Nowhere",
    "Demo",
    "Anywhere",
)
CITIES = (
    *(
        "Anytown",
        "Exampleville",
        "Sampleton",
        "Testford",
        "Specimen Springs",
        "Placeholder Falls",
        "Mockton",
        "Nowhere Bay",
        "Demoville",
    ),
    *("Fictional Heights", "Anyburg", "Testbury", "Samplefield", "Exampleton", "Port Placeholder", "Mock Harbor"),
)
_BUSINESSES = ("Industries", "Foods", "Logistics", "Software", "Energy", "Media", "Textiles", "Clinics", "Consulting", "Motors")
_SYLLABLES = tuple(first + second for first in "bcdfghjklmnprstvz" for second in "aeiou")
_MOST_LISTED = 4096  # texts of a form that are looked at one by one
_SAMPLES = 3  # of each opening, to see whether a schema allows it
_IDS = range(6, 15)


@lru_cache(maxsize=1024)
def reserved_forms(kind: str, locale: str, *, luhn: bool = True, unique: bool = False) -> tuple[Grammar, ...]:
    """The forms of the range `kind`, the locale's own first. `unique`: with room for many that are all different. KeyError for an unknown range."""
    if kind == "phone":
        countries = sorted({"US", *_DRAMA}, key=lambda one: (one != _phone_country(locale), one != "US", one))
        made = [form for country in countries for form in _phones(country, unique)]
    elif kind in ("pan", "imei"):
        made = list(_cards(luhn) if kind == "pan" else _devices(luhn))
    elif kind == "iban":
        made = list(_ibans(iban_country(locale)))
    else:
        made = list(_MADE[kind](unique))
    return tuple(made)


def fitting(form: Grammar, accepts: Callable[[str], bool]) -> Grammar | None:
    """As much of `form` as `accepts` allows, opening by opening; None for nothing. What can be listed is listed, the rest is tried."""
    dice = Dice(derive(0, "reserved"))
    if isinstance(form, Words):
        kept = tuple(text for text in form.texts if accepts(text))
        return form if len(kept) == len(form.texts) else Words(kept) if kept else None
    if (listed := _few(form)) is not None:
        kept = tuple(text for text in listed if accepts(text))
        return form if len(kept) == len(listed) else Words(kept) if kept else None
    if isinstance(form, Series) and isinstance(form.parts[0], Words):
        first, rest = form.parts[0].texts, sampler(Series(form.parts[1:]))
        kept = tuple(text for text in first if all(accepts(text + rest(dice)) for _ in range(_SAMPLES)))
        if len(kept) == len(first):
            return form
        return Series((Words(kept), *form.parts[1:])) if kept else None
    draw = sampler(form)
    return form if all(accepts(draw(dice)) for _ in range(8 * _SAMPLES)) else None


def _few(form: Grammar) -> tuple[str, ...] | None:
    """All texts of pieces that are words, if they are few; else None."""
    if not isinstance(form, Series) or not all(isinstance(part, Words) for part in form.parts):
        return None
    parts = [part.texts for part in form.parts if isinstance(part, Words)]
    return tuple(map("".join, product(*parts))) if prod(map(len, parts)) <= _MOST_LISTED else None


def zip3(code: str) -> str:
    """A postcode of which only the first three characters are told, and none that few people share."""
    head = "000" if code[:3] in RESTRICTED_ZIPS else code[:3]
    return head + "".join("0" if char.isalnum() else char for char in code[3:])


@lru_cache(maxsize=1)
def zip3_pool() -> tuple[str, ...]:
    """For each three digits, the five that stand for them."""
    return tuple(zip3(f"{number:03}00") for number in range(1000))


def _digits(count: int) -> Number:
    return Number(0, 10**count - 1, count)


def _luhn(digits: str) -> int:
    """The sum of Luhn's check (ISO/IEC 7812-1), whose last digit is 0 for a number that passes."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (1 + place % 2)
        total += doubled // 10 + doubled % 10
    return total


@lru_cache(maxsize=4)
def _quads(neutral: bool) -> Words:
    """Four digits that add nothing to Luhn's sum; or those that do."""
    return Words(tuple(text for text in (f"{number:04}" for number in range(10_000)) if (_luhn(text) % 10 == 0) == neutral))


def _checked(prefix: str, length: int, passing: bool, joint: str = "") -> Series:
    """Numbers of `length` digits that begin with `prefix`; each group but the last, and that too if it is `passing`, is neutral."""
    quads, lead = divmod(length - len(prefix), 4)
    heads = [prefix + f"{number:0{lead}}" for number in range(10**lead)]
    opening = tuple(_grouped(head, joint) for head in heads if _luhn(head) % 10 == 0)
    rest = [_quads(True)] * (quads - 1) + [_quads(passing)]
    return series(opening, *(part for quad in rest for part in ((joint, quad) if joint else (quad,))))


def _grouped(digits: str, joint: str) -> str:
    return joint.join(digits[start : start + 4] for start in range(0, len(digits), 4))


def _cards(luhn: bool) -> Iterator[Grammar]:
    for joint in ("", " ", "-"):
        yield _checked("400000", 16, luhn, joint)
    if luhn:
        yield Words(TEST_CARDS)
        yield Words(tuple(_grouped(card, joint) for card in TEST_CARDS if len(card) == 16 for joint in (" ", "-")))


def _masked_cards(_unique: bool) -> Iterator[Grammar]:
    for hidden in (
        "400000******",
        "400000XXXXXX",
        "400000xxxxxx",
        "************",
        "XXXXXXXXXXXX",
        "**** **** **** ",
        "XXXX-XXXX-XXXX-",
        "****",
        "",
    ):
        yield series((hidden,), _digits(4))


def _devices(luhn: bool) -> Iterator[Grammar]:
    yield _checked("0010", 15, luhn)


def _ibans(country: str) -> Iterator[Grammar]:
    """Groups that 97 divides add nothing to the check of ISO 13616, so that its digits are the same for all of a country."""
    for one in (country, *(other for other in IBAN_DIGITS if other != country)):
        free = IBAN_DIGITS[one] - BANK_CODES[one]
        width = min(free, 10)
        check = 98 - int("".join(str(ord(letter) - 55) for letter in one) + "00") % 97
        head = f"{one}{check:02}" + "0" * (IBAN_DIGITS[one] - width)
        yield series((head,), *(_multiples(count) for count in (width - width // 2, width // 2)))


@lru_cache(maxsize=8)
def _multiples(count: int) -> Words:
    """Texts of `count` digits (at most 6) that 97 divides."""
    return Words(tuple(f"{number:0{count}}" for number in range(0, 10**count, 97)))


def _ssns(_unique: bool) -> Iterator[Grammar]:
    areas = ("666", *map(str, range(900, 1000)))
    for joint in ("-", "", " "):
        yield series(tuple(f"{area}{joint}" for area in areas), Number(1, 49, 2), *([joint] if joint else []), Number(1, 9999, 4))
    yield Words((*_VOID_SSNS, *(number.replace("-", "") for number in _VOID_SSNS)))


def _phone_country(locale: str) -> str:
    country = country_code(locale)
    return country if country in _DRAMA else "US"


def _phones(country: str, unique: bool) -> Iterator[Grammar]:
    extension = (" x", _digits(4)) if unique else ()
    if country == "US":
        styles = (
            "({}) 555-01",
            "{}-555-01",
            "+1-{}-555-01",
            "+1 {}-555-01",
            "+1 ({}) 555-01",
            "+1{}55501",
            "{}55501",
            "1{}55501",
            "{}.555.01",
            "{} 555 01",
        )
        mixed = styles[:1] if unique else styles[:3]
        for group in (mixed, *((style,) for style in styles)):
            yield series(tuple(style.format(area) for area in _AREAS for style in group), _digits(2), *extension)
        if unique:
            yield from _phones(country, unique=False)
        return
    code, areas, groups = _DRAMA[country]
    national = tuple(f"0{area} {start}" for area, start in areas)
    abroad = tuple(f"+{code} {area} {start}" for area, start in areas)
    left = [part for place, count in enumerate(groups) for part in ((" ",) if place else ()) + (_digits(count),)]
    yield series(national if unique else (*national, *abroad), *left, *extension)
    yield series(abroad, *left)
    for spaced in (national, abroad, tuple(text.removeprefix("+") for text in abroad)):
        yield series(tuple(text.replace(" ", "") for text in spaced), _digits(sum(groups)))


def _ids(_unique: bool) -> Iterator[Grammar]:
    for head in ("TEST-", "TEST", "TEST_", "test-", "test"):
        yield series((head,), _digits(8))
    for width in _IDS:
        yield series(("TEST",), _digits(width - 4))
    for width in _IDS:
        yield series(("000",), _digits(width - 3))


def _emails(_unique: bool) -> Iterator[Grammar]:
    yield series(_SYLLABLES, _SYLLABLES, ("-", ".", "_"), _SYLLABLES, Number(10, 99), _SITES)
    for sites in (_SITES, _SITES[:1], _SITES[1:2], _SITES[2:]):
        yield series(_SYLLABLES, _SYLLABLES, _SYLLABLES, sites)
        yield series(tuple("abcdefghjkmnprstw"), Number(10, 9999), sites)


def _usernames(_unique: bool) -> Iterator[Grammar]:
    for head in (("test_", "demo_", "sample_"), ("test-",), ("test.",), ("test",)):
        yield series(head, _SYLLABLES, _SYLLABLES, _digits(4))
    yield series(("test",), _digits(4))
    yield series(("test",), _SYLLABLES, _SYLLABLES)


def _names(_unique: bool) -> Iterator[Grammar]:
    yield series(_GIVEN, " ", SURNAMES)
    yield Words(SURNAMES)
    yield Words(tuple(name.upper() for name in SURNAMES))


def _of_vocabulary(meaning: str) -> Grammar:
    found = grammar_of(meaning, "en_US")
    assert found is not None  # noqa: S101 - meanings that the vocabulary has
    return found


def _addresses_v4(unique: bool) -> list[Grammar]:
    return [series(("198.18.", "198.19."), Number(0, 255), ".", Number(1, 254))] if unique else [_of_vocabulary("ipv4")]


def _urls(unique: bool) -> list[Grammar]:
    pages = series(("https://www.example.com/", "https://www.example.org/"), _digits(8)) if unique else _of_vocabulary("url")
    return [pages, series(("https://example.com/", "http://example.com/"), _SYLLABLES, _SYLLABLES)]


def _hosts(unique: bool) -> list[Grammar]:
    hosts = series(("host-",), _digits(8), ".example.com") if unique else _of_vocabulary("hostname")
    return [hosts, series(_SYLLABLES, _SYLLABLES, (".example.com", ".example.org", ".example.net"))]


def _macs(unique: bool) -> list[Grammar]:
    octets: list[Grammar | str] = [] if not unique else [hex_digits(2), hex_digits(2), hex_digits(2)]
    made: list[Grammar] = []
    for joint in (":", "-"):
        head = joint.join(("02", "00", "")) if unique else joint.join(("00", "00", "5e", "00", "53", ""))
        tail = [part for octet in octets for part in (octet, joint)]
        made.append(series((head,), *tail, hex_digits(2)))
        made.append(series((head.upper(),), *tail, Words(tuple(f"{number:02X}" for number in range(256)))))
    made.append(series(("00005e0053",), hex_digits(2)))
    made.append(series(("00005E0053",), Words(tuple(f"{number:02X}" for number in range(256)))))
    return made


def street() -> Grammar:
    return series(tuple(str(number) for number in range(1, 1000)), " ", STREETS, " ", ("Street", "Avenue", "Road", "Lane", "Way"))


def _zips(_unique: bool) -> list[Grammar]:
    codes = tuple(dict.fromkeys(zip3_pool()))
    return [Words(codes), Words(tuple(f"{code}-0000" for code in codes)), Words(tuple(dict.fromkeys(code[:3] for code in codes)))]


_MADE: dict[str, Callable[[bool], Iterator[Grammar] | Sequence[Grammar]]] = {
    "masked_pan": _masked_cards,
    "ssn": _ssns,
    "id": _ids,
    "vin": lambda unique: [series(("0TEST",), _digits(12))],
    "email": _emails,
    "username": _usernames,
    "ipv4": _addresses_v4,
    "ipv6": lambda unique: [_of_vocabulary("ipv6")],
    "mac": _macs,
    "url": _urls,
    "hostname": _hosts,
    "first_name": lambda unique: [series(("Test",), _SYLLABLES), Words(SURNAMES)],
    "last_name": lambda unique: [Words(SURNAMES), Words(tuple(name.upper() for name in SURNAMES))],
    "full_name": _names,
    "company": lambda unique: [series(STREETS, " ", _BUSINESSES)],
    "street": lambda unique: [street(), series(STREETS, " Street")],
    "city": lambda unique: [Words(CITIES), Words(tuple(city.upper() for city in CITIES))],
    "address": lambda unique: [series(street(), ", ", CITIES)],
    "zip3": _zips,
}  # fmt: skip
