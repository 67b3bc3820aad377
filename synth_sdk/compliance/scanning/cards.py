"""Payment cards: numbers (PAN), verification codes and what magnetic stripes hold.

Ranges: the issuers' identification numbers as the networks publish them (ISO/IEC 7812). Luhn: ISO/IEC 7812-1, annex B.
"""

import re
from collections.abc import Iterable

from synth_sdk.compliance.masking.keys import Key
from synth_sdk.compliance.scanning.shapes import (
    AFTER,
    APART,
    BEFORE,
    GAP,
    NEAR_VALUE,
    OF_THINGS,
    TO_VALUE,
    WORD,
    Detector,
    digits_of,
    labelled,
    refilled,
    value_of,
)

# first digits from .. to, lengths
_BRANDS = (
    ("4", "4", (16, 19)),  # Visa; those of 13 digits are gone, and EAN codes look like them
    ("51", "55", (16,)),  # Mastercard
    ("2221", "2720", (16,)),
    ("34", "34", (15,)),  # American Express
    ("37", "37", (15,)),
    ("6011", "6011", (16, 17, 18, 19)),  # Discover
    ("644", "659", (16, 17, 18, 19)),
    ("3528", "3589", (16, 17, 18, 19)),  # JCB
    ("2131", "2131", (15,)),
    ("300", "305", (14, 16, 17, 18, 19)),  # Diners Club
    ("36", "36", (14, 16, 17, 18, 19)),
    ("38", "39", (14, 16, 17, 18, 19)),
    ("62", "62", (16, 17, 18, 19)),  # UnionPay
    ("5018", "5018", (16, 17, 18, 19)),  # Maestro
    ("5020", "5020", (16, 17, 18, 19)),
    ("5038", "5038", (16, 17, 18, 19)),
    ("5893", "5893", (16, 17, 18, 19)),
    ("6304", "6304", (16, 17, 18, 19)),
    ("6759", "6763", (16, 17, 18, 19)),
)
# The same for numbers that too much else looks like: they need a word such as `card` before them.
_WITH_LABEL = (
    ("4", "4", (13,)),  # Visa of old; EAN codes look like them
    ("50", "50", tuple(range(12, 20))),  # Maestro
    ("56", "69", tuple(range(12, 20))),
    ("35", "35", (16,)),  # JCB and its forerunners
    ("1800", "1800", (15,)),
)
_OTHER_CARDS = (
    "id|sim|gift|identity|loyalty|library|member|membership|aadhaar|health|insurance|graphics|memory|boarding|report|score"
)
_OF_CARDS = re.compile(
    "".join(rf"(?<!\b{word}[ _-])" for word in _OTHER_CARDS.split("|"))
    + r"(?<![a-z])(?:(?:credit|debit|bank|payment|charge|master)?[ _-]?card(?:s|holder|(?:[ _-]?(?:number|num|no|nr)))?|visa|maestro|amex|american.?express|jcb|pan"
    r"|(?:kredit|bank|giro|ec.)?karten?(?:nummer)?|carte (?:bancaire|de cr[ée]dit|bleue)|tarjeta|carta di (?:credito|debito)|cart[ãa]o)(?![a-z])[^0-9]*$",
    re.IGNORECASE,
)
_CALLED_CARDS = (  # RE2: what is shorter than other card numbers, or begins otherwise, behind such a word and no other number
    rf"(?:(?i:card|visa|maestro|american.?express|amex|jcb|karte|carte|tarjeta|carta|cart[ãa]o)|{WORD}(?i:pan)|[a-z]P(?:an|AN))[^0-9]{{0,60}}[^0-9A-Za-z_]"
    rf"(?:(?:5[06-9]|6[0-9])[0-9]{{2}}{GAP}?[0-9]{{4}}{GAP}?[0-9]{{4}}|1800[0-9]{{11}})"
)
# Published by networks and processors for tests; no card has them.
_TEST = (
    "4111111111111111 4012888888881881 4222222222222 4242424242424242 4000056655665556 4917610000000000 4911830000000 4988438843884305 "
    "4111111145551142 4166676667666746 4444333322221111 4005519200000004 4009348888881881 4012000033330026 4012000077777777 4217651111111119 "
    "4500600000000061 4484070000000000 4462030000000000 5555555555554444 5105105105105100 5200828282828210 5454545454545454 5136333333333335 "
    "5585558555855583 5431111111111111 5424000000000015 5106040000000008 2223003122003222 2223000048400011 2222400070000005 2222410740360010 "
    "378282246310005 371449635398431 378734493671000 370000000000002 341111111111111 343434343434343 374251018720018 374101000000608 "
    "6011111111111117 6011000990139424 6011981111111113 6011000000000012 6011601160116611 6445644564456445 6011000400000000 30569309025904 "
    "38520000023237 3056930009020004 36227206271667 36006666333344 30000000000004 3566002020360505 3530111333300000 3569990010095841 "
    "3566111111111113 3088000000000017 6200000000000005 6205500000000000004 6200000000000047 6243030000000001 5019717010103742 "
    "6304000000000000 6759649826438453 6761000000000000006 6771798021000008 5018000000000009"
)
_TESTS = frozenset(_TEST.split())
_TEST_RANGES = ("400000",)  # what processors take for simulated declines

PAN = (
    rf"[2-6][0-9]{{3}}(?P<gap>{GAP})[0-9]{{4}}(?P=gap)[0-9]{{4}}(?:(?P=gap)[0-9]{{1,4}}(?:(?P=gap)[0-9]{{1,3}})?)?"
    rf"|3[0-9]{{3}}{GAP}[0-9]{{6}}{GAP}[0-9]{{4,5}}|[2-6][0-9]{{11,18}}|1800[0-9]{{11}}"
)


def luhn(digits: str) -> bool:
    """Does the last digit check the others?"""
    return check_digit(digits[:-1]) == digits[-1:]


def check_digit(payload: str) -> str:
    """Luhn's check digit for what stands before it."""
    doubled = [int(digit) * 2 for digit in reversed(payload)][::2]
    plain = [int(digit) for digit in reversed(payload)][1::2]
    total = sum(number - 9 if number > 9 else number for number in doubled) + sum(plain)
    return str(-total % 10)


def is_pan(digits: str) -> bool:
    """Could a card have this number? Its length fits the network, its check digit the rest; and it isn't published for tests."""
    return _fits(digits, _BRANDS)


def is_pan_if_called_card(digits: str) -> bool:
    """The same for networks and lengths that only count where the number is called a card's."""
    return _fits(digits, _WITH_LABEL)


def _fits(digits: str, brands: Iterable[tuple[str, str, tuple[int, ...]]]) -> bool:
    if digits in _TESTS or digits.startswith(_TEST_RANGES) or len(set(digits)) <= 2:
        return False
    return any(low <= digits[: len(low)] <= high and len(digits) in lengths for low, high, lengths in brands) and luhn(digits)


def fake_pan(text: str, key: Key) -> str:
    """The first two digits stay, so the network does; the last one fails the check: no card can have the number."""
    digits = digits_of(text)
    payload = digits[:2] + key.digits(len(digits) - 3, "pan", digits)
    wrong = (int(check_digit(payload)) + 1 + key.number(9, "pan check", digits)) % 10
    return refilled(text, f"{payload}{wrong}")


def _is_pan(match: re.Match[str]) -> bool:
    text = value_of(match)
    digits = digits_of(text)
    known = is_pan(digits) or (is_pan_if_called_card(digits) and labelled(match, _OF_CARDS, 40))
    return known and not (text.isdigit() and labelled(match, OF_THINGS, 40))


def _is_track(match: re.Match[str]) -> bool:
    return is_pan(digits_of(match["pan1"] or match["pan2"]))


def _zeros(text: str, key: Key) -> str:
    """Reserved for no one: nothing but noughts. A verification code may not be kept in any form, so none is made up either."""
    return re.sub("[0-9]", "0", text)


_CODE_LABEL = r"(?:cvv2?|cvc2?|cvn2?|card.?verification(?:.?(?:value|code|number))?|(?:card.?)?security.?code|card.?code|prüfziffer|cryptogramme)"

CARDS = (
    Detector(
        "track",
        "magnetic stripe data",
        "error",
        "codes",
        r"[%;][Bb]?[0-9]{13,19}[\^=]",
        r"(?P<hit>%?[Bb](?P<pan1>[0-9]{13,19})\^[^\^\n]{2,26}\^[0-9]{4}[0-9A-Za-z ]{3,}\??|;(?P<pan2>[0-9]{13,19})=[0-9]{7,}\??)",
        _is_track,
        _zeros,
    ),
    Detector(
        "pan",
        "a card number",
        "error",
        "numbers",
        rf"{APART}[2-6][0-9]{{3}}{GAP}?[0-9]{{2}}(?:{GAP}?[0-9]){{7}}|{_CALLED_CARDS}",
        rf"{BEFORE}(?P<hit>{PAN}){AFTER}",
        _is_pan,
        fake_pan,
    ),
    Detector(
        "cvv",
        "a card verification code",
        "error",
        "words",
        rf"{WORD}(?i:{_CODE_LABEL}){NEAR_VALUE}[0-9]{{3}}",
        rf"(?:\b|_)(?i:{_CODE_LABEL}){TO_VALUE}(?P<hit>[0-9]{{3,4}}){AFTER}",
        lambda match: set(value_of(match)) != {"0"},
        _zeros,
    ),
)
