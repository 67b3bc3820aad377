"""Sentences and spaces of pieces of text."""

import re

_DIGIT = re.compile(r"[@0-9]")
_ODD = re.compile(r"\s[\s,.?!]|[^\S ]")  # two blanks, one before punctuation, or one that is no space


def ends_sentence(text: str) -> bool:
    tail = text.rstrip()
    return tail[-1:] in tuple(".?!") and not tail.endswith("...")


def capitalised(text: str) -> str:
    """`text` with a capital first letter, unless it begins with an address or a word with digits."""
    head = text.split(" ", 1)[0]
    return text[:1].upper() + text[1:] if text[:1].islower() and not _DIGIT.search(head) else text


def one_spaced(text: str) -> str:
    """Single spaces, none before punctuation; one at either end stays."""
    if not _ODD.search(text):
        return text
    lead, trail = text[:1].isspace(), text[-1:].isspace()
    inner = " ".join(text.split())
    for mark in ",.?!":
        inner = inner.replace(f" {mark}", mark)
    return f"{' ' if lead else ''}{inner}{' ' if trail and inner else ''}"
