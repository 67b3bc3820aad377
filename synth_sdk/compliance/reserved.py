"""Does a value lie in a range that belongs to nobody? The other side of `x-synth: {"reserved": ...}`, written from the definitions of the ranges.

`engine.meaning.reserved` names the sources. Ranges wider than those that values are drawn from are known here too: `.test`, `.invalid` and
other reserved domains, test cards of any processor, the whole of 2001:db8::/32.
"""

import ipaddress
import re
from collections.abc import Callable
from functools import cache

from synth_sdk.core.models import Json

_DOMAIN = re.compile(
    r"(?:.+\.)?(?:example\.(?:com|net|org)|example|test|invalid|localhost)\.?", re.IGNORECASE
)  # RFC 2606, RFC 6761
_SSN = re.compile(
    r"(?:666|000|9\d\d)[- ]?\d\d[- ]?\d{4}|\d{3}[- ]?00[- ]?\d{4}|\d{3}[- ]?\d\d[- ]?0000|078-?05-?1120|219-?09-?9999"
)
_ITIN_GROUPS = frozenset((*range(50, 66), *range(70, 89), *range(90, 100)))
_ABROAD = re.compile(  # numbers for drama, with their calling codes and without anything but digits
    r"44(?:7700900\d{3}|2079460\d{3}|1632960\d{3}|2920180\d{3}|1914980\d{3}|28964960?\d{3,4}|1(?:1[3-8]|[2-6]1)4960\d{3}|8081570\d{3}|9098790\d{3}|3069990\d{3})"
    r"|49(?:3023125|6990009|4066969|2214710|8999998)\d{3}"
    r"|33(?:19900|26191|35301|46571|53649|63998)\d{4}"
    r"|61[2378](?:5550|7010)\d{4}"
    r"|3532091\d{5}"
    r"|46(?:3139006|4062804|846500[4])\d{2}"
)
_EXTENSION = re.compile(r"\s*(?:x|ext\.?)\s*\d+$", re.IGNORECASE)
_NANP = re.compile(r"1?[2-9]\d{2}55501\d{2}")
_MAC = re.compile(r"00005e0053[0-9a-f]{2}|01005e9010[0-9a-f]{2}|[0-9a-f][26ae][0-9a-f]{10}", re.IGNORECASE)
_IPS = tuple(map(ipaddress.ip_network, ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "198.18.0.0/15", "2001:db8::/32")))
_URL = re.compile(r"[a-z][a-z0-9+.-]*://(?:[^/@]*@)?(\[[^\]]*\]|[^/:?#]*)", re.IGNORECASE)
_MASKED = re.compile(r"(?:\d{4}[ -]?\d{2,4})?[*Xx•. -]*\d{4}")
_DIGITS = re.compile(r"\D")


def is_reserved(kind: str, value: Json) -> bool:
    """Does `value` lie in the range `kind` (one of `schema.annotations.RESERVED`)? False for ranges that nobody knows."""
    judge = _JUDGES.get(kind)
    return judge is not None and isinstance(value, str | int) and not isinstance(value, bool) and judge(str(value))


def _pan(text: str) -> bool:
    digits = _digits(text)
    return (len(digits) == 16 and digits.startswith("400000")) or digits in _cards()


@cache
def _cards() -> frozenset[str]:
    from synth_sdk.engine.meaning.reserved import TEST_CARDS

    return frozenset(TEST_CARDS)


def _ssn(text: str) -> bool:
    digits = _digits(text)
    issued_as_itin = digits.startswith("9") and int(digits[3:5] or 0) in _ITIN_GROUPS
    return bool(_SSN.fullmatch(text)) and not issued_as_itin


def _iban(text: str) -> bool:
    from synth_sdk.engine.meaning.reserved import BANK_CODES

    plain = text.replace(" ", "").upper()
    zeros = BANK_CODES.get(plain[:2], 3)
    return plain[4 : 4 + zeros] == "0" * zeros


def _phone(text: str) -> bool:
    number = _EXTENSION.split(text)[0]
    digits = _digits(number)
    if _NANP.fullmatch(digits):
        return True
    if number.lstrip().startswith("+") or not digits.startswith("0"):
        return bool(_ABROAD.fullmatch(digits))
    return any(_ABROAD.fullmatch(code + digits[1:]) for code in ("44", "49", "33", "61", "353", "46"))


def _email(text: str) -> bool:
    return "@" in text and bool(_DOMAIN.fullmatch(text.rpartition("@")[2]))


def _ip(text: str) -> bool:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    return any(address in network for network in _IPS)


def _url(text: str) -> bool:
    host = _URL.match(text)
    return bool(host) and (bool(_DOMAIN.fullmatch(host[1])) or _ip(host[1].strip("[]")))  # type: ignore[index]


def _full_name(text: str) -> bool:
    from synth_sdk.engine.meaning.reserved import SURNAMES

    known = {name.upper() for name in SURNAMES}
    words = text.replace("　", " ").split()
    made = re.fullmatch(r"(?:\D+\d{3}\s?){1,2}", text)
    return bool(made) or bool(words and words[-1].upper() in known) or bool(re.fullmatch(r"Test[a-z]{2}", text))


def _place(text: str) -> bool:
    from synth_sdk.engine.meaning.reserved import CITIES, STREETS

    upper = text.upper()
    return any(word.upper() in upper for word in (*STREETS, *CITIES))


def _zip3(text: str) -> bool:
    from synth_sdk.engine.meaning.reserved import RESTRICTED_ZIPS

    few = text[:5].isdigit() and len(text) in (5, 10) and text[:3] in RESTRICTED_ZIPS and text[3:5] == "00"
    return len(text) >= 3 and not few and not re.search(r"[^\W0_]", text[3:])


def _digits(text: str) -> str:
    return _DIGITS.sub("", text)


_JUDGES: dict[str, Callable[[str], bool]] = {
    "pan": _pan,
    "masked_pan": lambda text: bool(_MASKED.fullmatch(text)),
    "iban": _iban,
    "ssn": _ssn,
    "id": lambda text: text[:4].upper() == "TEST" or text.startswith("000") or (text.isdigit() and int(text) < 1_000_000),
    "vin": lambda text: text.startswith("0") and len(text) == 17,
    "imei": lambda text: len(_digits(text)) == 15 and text.startswith("00"),
    "email": _email,
    "username": lambda text: text.startswith(("test", "demo", "sample")),
    "phone": _phone,
    "ipv4": _ip,
    "ipv6": _ip,
    "mac": lambda text: bool(_MAC.fullmatch(re.sub(r"[:.-]", "", text))),
    "url": _url,
    "hostname": lambda text: bool(_DOMAIN.fullmatch(text)),
    "first_name": _full_name,
    "last_name": _full_name,
    "full_name": _full_name,
    "company": _place,
    "street": _place,
    "city": _place,
    "address": _place,
    "zip3": _zip3,
}
