"""How people are reached: phone numbers, e-mail addresses, web addresses."""

import re
from functools import lru_cache

from synth_sdk.compliance.masking.keys import Key
from synth_sdk.compliance.reserved import is_reserved
from synth_sdk.compliance.scanning.north_america import is_given_out, national_digits
from synth_sdk.compliance.scanning.shapes import (
    AFTER,
    APART,
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

_WITH_NOUGHT = (
    "GB",
    "DE",
    "FR",
    "AU",
    "NL",
    "SE",
    "BE",
    "CH",
    "AT",
    "IE",
    "IT",
    "IN",
    "JP",
    "FI",
    "BR",
)  # national numbers begin with 0
_WITHOUT_NOUGHT = ("US", "ES", "PT", "PL", "MX", "DK", "NO", "IT", "IN")
_WITH_00 = ("GB", "AU", "JP", "BR")  # in the others 00 goes before a country code, as in GB
_NORTH_AMERICAN = ((None,), ("US",), _WITH_00)  # where a number of that plan is told by its digits
_LABEL = (
    r"(?:tele)?(?:phone|fono|fon|fone)(?:s|.?(?:number|no|nummer))?|tel|t[ée]l(?:[ée]phone)?|tel[ée]fono|mobile?|m[óo]vil|cell(?:phone|ulare|ular)?|celular|"
    r"handy(?:nummer)?|portable|fax|whats ?app|call(?: me| us)?(?: back)?(?: at| on)?|ring(?: me)?(?: at| on)?|text(?: me)? (?:at|on)|sms|rufnummer|durchwahl|contact.?number"
)
_EXCHANGE = f"(?:[2-46-9][0-9]{{2}}|5[0-46-9][0-9]|55[0-46-9]){GAP}?[0-9]{{4}}|555{GAP}?(?:[1-9][0-9]|0[02-9])[0-9]{{2}}"  # all but 555-01xx
_AREA = rf"(?:\([2-9][0-9]{{2}}\){GAP}?|[2-9][0-9]{{2}}{GAP}{{1,2}})"
_HOME = rf"(?:0[1-9](?:{GAP}[0-9]{{2}}){{4}}|\(?0[1-9][0-9]{{1,3}}\)?{GAP}[0-9]{{3,4}}{GAP}[0-9]{{3,4}})"  # as the French and the British write it
_RESERVED_TLDS = frozenset(
    ["test", "example", "invalid", "localhost", "local", "internal", "alt", "onion", "arpa"]
)  # RFC 2606, 6761, 6762, 9476
_SUFFIXES = "png jpg jpeg gif svg webp ico css js ts json xml html md txt csv pdf zip py java go rs yaml yml log"
_FILES = frozenset(_SUFFIXES.split())
HOSTS_AT = rb"@((?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,24})"
HOSTS_IN = rb"://(?:[^/\s\"\\@]*@)?([A-Za-z0-9.-]+)"
_AREAS = ("202", "212", "303", "312", "404", "415", "503", "512", "602", "617", "702", "713", "786", "804", "919")


@lru_cache(maxsize=20_000)
def is_reserved_host(host: str) -> bool:
    """Does the name belong to nobody, and never will? Those of RFC 2606 and its successors; names without a dot; files."""
    labels = host.lower().strip(".").split(".")
    if len(labels) < 2 or labels[-1] in _RESERVED_TLDS or labels[-1] in _FILES:
        return True
    return labels[-2] == "example" and labels[-1] in ("com", "net", "org", "edu")


@lru_cache(maxsize=20_000)
def is_phone(text: str, labelled: bool) -> bool:
    """Is it a number that a network could have given out, and none set aside for fiction?

    With its country code, or written as in North America. After a label such as `phone` any country of a chosen set will do.
    """
    import phonenumbers

    regions = _regions(text, labelled)
    if regions in _NORTH_AMERICAN and (digits := national_digits(text)):
        given = is_given_out(digits) and not is_reserved("phone", digits)
        if given or regions != _WITH_00 or is_reserved("phone", digits):
            return given
    for region in regions:
        try:
            number = phonenumbers.parse(text, region)
        except phonenumbers.NumberParseException:
            continue
        if is_reserved("phone", f"+{number.country_code}{number.national_number}"):
            return False
        if phonenumbers.is_valid_number(number):
            return True
    return False


def _regions(text: str, labelled: bool) -> tuple[str | None, ...]:
    """The countries whose rules are tried, None for that of the number's own code."""
    digits = digits_of(text)
    if text.startswith("+"):
        return (None,)
    if not labelled or (len(digits) == 10 and digits[0] > "1" and digits[3] > "1"):
        return ("US",)
    if digits.startswith("00"):
        return _WITH_00
    return _WITH_NOUGHT if digits.startswith("0") else _WITHOUT_NOUGHT


def _is_phone(match: re.Match[str]) -> bool:
    text = value_of(match)
    digits = digits_of(text)
    if len(set(digits[-7:])) <= 2 or "000000" in digits:
        return False
    by_label = match.lastgroup == "called"
    return is_phone(text, by_label or match.lastgroup == "home") and (
        by_label or text.startswith("+") or not labelled(match, OF_THINGS, 40)
    )


def fake_phone(text: str, key: Key) -> str:
    """North America: 555-01xx, which is for fiction. Elsewhere: the country code, then noughts, which no network gives out."""
    digits = digits_of(text)
    if (len(digits) == 10 and not text.startswith("+")) or (digits.startswith("1") and len(digits) == 11):
        area = _AREAS[key.number(len(_AREAS), "phone area", digits)]
        return refilled(text, digits[:-10] + area + "55501" + key.digits(2, "phone", digits))
    kept = _country_code(digits) if text.startswith("+") else ""
    return refilled(text, kept + "0" * (len(digits) - len(kept) - 3) + key.digits(3, "phone", digits))


def _country_code(digits: str) -> str:
    import phonenumbers

    return next(
        (digits[:size] for size in (1, 2, 3) if int(digits[:size]) in phonenumbers.COUNTRY_CODE_TO_REGION_CODE), digits[:1]
    )


def _is_email(match: re.Match[str]) -> bool:
    return not is_reserved_host(value_of(match).rpartition("@")[2]) and not match.string.startswith((":", "/"), match.end())


def fake_email(text: str, key: Key) -> str:
    return f"user-{key.digest('email', text.lower()).hex()[:8]}@example.com"


def _is_url(match: re.Match[str]) -> bool:
    host = value_of(match)
    return not host.replace(".", "").isdigit() and not is_reserved_host(host)


CONTACTS = (
    Detector(
        "email",
        "an e-mail address at a domain that somebody can own",
        "error",
        "hosts",
        r"@(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2}",
        r"(?:(?<=\\[nrt])|(?<![A-Za-z0-9._%+\\-]))(?P<hit>[A-Za-z0-9_%+-](?:[A-Za-z0-9._%+-]{0,62}[A-Za-z0-9_%+-])?@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,24})(?![A-Za-z0-9@-])",
        _is_email,
        fake_email,
    ),
    Detector(
        "phone",
        "a phone number that a network could give out",
        "error",
        "numbers",
        rf"{APART}(?:{_AREA}|1{GAP}{_AREA})(?:{_EXCHANGE})|{APART}{_HOME}|\+1{GAP}?\(?[2-9][0-9]{{2}}\)?{GAP}?(?:{_EXCHANGE})|\+[2-9][0-9]{GAP}?[0-9( ]{GAP}?[0-9(]"
        rf"|{WORD}(?i:{_LABEL}){NEAR_VALUE}[(0-9](?:{GAP}{{0,2}}[()/]?[0-9]){{6}}",
        rf"(?<![0-9A-Za-z_+])(?<![0-9A-Za-z][.,/-])(?:(?P<abroad>\+[1-9](?:{GAP}?(?:\([0-9]{{1,5}}\)|[0-9]{{1,9}})){{2,6}})"
        rf"|(?P<hit>(?:1{GAP})?{_AREA}[2-9][0-9]{{2}}{GAP}[0-9]{{4}})|(?<![0-9]{GAP})(?P<home>{_HOME})(?!{GAP}[0-9]))(?:{AFTER}|(?= ?(?:x|ext)\.? ?[0-9]))"
        rf"|\b(?i:{_LABEL}){TO_VALUE}(?P<called>[(0-9](?:{GAP}{{0,2}}[()/]?[0-9]){{6,12}}){AFTER}",
        _is_phone,
        fake_phone,
    ),
    Detector(
        "url",
        "a web address whose host somebody can own",
        "info",
        "hosts",
        "://",
        r"\b(?:https?|ftp|wss?)://(?:[^/\s\"\\@]{1,80}@)?(?P<hit>(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,24})(?![A-Za-z0-9])",
        _is_url,
        None,
    ),
)
