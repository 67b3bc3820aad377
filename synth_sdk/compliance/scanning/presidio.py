"""Identifiers that presidio's pattern recognisers know beyond ours. Presidio (two seconds to import) is asked about candidates only.

A candidate counts if a recogniser is sure of it, or if one of its words stands nearby; those with one check digit, or none, need the words.
"""

import re
from functools import cache
from typing import Any

from synth_sdk.compliance.masking.keys import Key
from synth_sdk.compliance.scanning.shapes import AFTER, APART, BEFORE, Detector, digits_of, refilled, value_of

_RECOGNISERS = {
    "UkNinoRecognizer": r"[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?[0-9]{2} ?[0-9]{2} ?[0-9]{2} ?[A-D]",
    "CryptoRecognizer": r"(?:bc1|[13])[0-9A-HJ-NP-Za-z]{25,59}",
    "MedicalLicenseRecognizer": r"[ABCDEFGHJKLMPRSTUX][A-Z9][0-9]{7}",
    "SgFinRecognizer": r"[STFGM][0-9]{7}[A-Z]",
    "InPanRecognizer": r"[A-Z]{3}[ABCFGHLJPTK][A-Z][0-9]{4}[A-Z]",
    "UsMbiRecognizer": r"[1-9][AC-HJKMNP-RT-Y][AC-HJKMNP-RT-Y0-9][0-9]-?[AC-HJKMNP-RT-Y][AC-HJKMNP-RT-Y0-9][0-9]-?[AC-HJKMNP-RT-Y]{2}[0-9]{2}",
}
_NEEDS_WORDS = frozenset(["MedicalLicenseRecognizer", "SgFinRecognizer", "InPanRecognizer"])
_SURE, _NEARBY = 0.5, 60  # presidio's score; characters


@cache
def _recognisers() -> list[Any]:
    from presidio_analyzer import predefined_recognizers

    return [getattr(predefined_recognizers, name)() for name in _RECOGNISERS if hasattr(predefined_recognizers, name)]


def _is_known(match: re.Match[str]) -> bool:
    text = value_of(match)
    if digits_of(text).startswith("000"):
        return False
    around = match.string[max(0, match.start() - _NEARBY) : match.end() + _NEARBY].lower()
    return any(_says(recogniser, text, around) for recogniser in _recognisers())


def _says(recogniser: Any, text: str, around: str) -> bool:
    whole = [
        one for one in recogniser.analyze(text, recogniser.supported_entities, None) or () if one.end - one.start == len(text)
    ]
    sure = type(recogniser).__name__ not in _NEEDS_WORDS and any(one.score >= _SURE for one in whole)
    return sure or (bool(whole) and any(word.lower() in around for word in recogniser.context or ()))


def _fake(text: str, key: Key) -> str:
    """Noughts first, and X for letters."""
    digits = digits_of(text)
    drawn = "000"[: len(digits)] + (key.digits(len(digits) - 3, "other id", text) if len(digits) > 3 else "")
    return re.sub("[A-Za-z]", "X", refilled(text, drawn))


_ANY = "|".join(_RECOGNISERS.values())
OTHERS = Detector(
    "other_id",
    "an identifier that presidio knows",
    "warning",
    "others",
    rf"{APART}(?:{_ANY})(?:[^0-9A-Za-z]|$)",
    f"{BEFORE}(?P<hit>{_ANY}){AFTER}",
    _is_known,
    _fake,
)
