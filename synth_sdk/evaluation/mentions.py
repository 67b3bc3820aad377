"""Addresses, dates, amounts and ids in speech, as they are compared: what an assistant may only say after somebody gave it."""

import re

from synth_sdk.evaluation.dialogues import LONGEST
from synth_sdk.evaluation.words import DATE, EMAIL, IDENTIFIER, MONEY, month_day

_PUNCTUATION = re.compile(r"[\s,]")
Mention = tuple[str, str]


def mentions(text: str) -> set[Mention]:
    """(kind, comparable value) of each mention in the first 20,000 characters of `text`."""
    text = text[:LONGEST]
    found = {("email", _bare(match.group())) for match in EMAIL.finditer(text)}
    found |= {("money", _bare(match.group())) for match in MONEY.finditer(text)}
    found |= {("date", month_day(match.group())) for match in DATE.finditer(text)}
    rest = DATE.sub(" ", EMAIL.sub(" ", text))
    return found | {("id", match.group().lower().lstrip("#")) for match in IDENTIFIER.finditer(rest)}


def _bare(value: str) -> str:
    return _PUNCTUATION.sub("", value.lower()).rstrip(".")
