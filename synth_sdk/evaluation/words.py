"""Text as the measures see it: tokens, words, and values masked so that only the wording counts."""

import re
from collections.abc import Iterable
from functools import lru_cache
from hashlib import blake2b

WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9'’_-]*")
EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
DATE = re.compile(
    r"\b\d{4}-\d{2}-\d{2}\b"
    r"|\b\d{1,2}/\d{1,2}(?:/\d{2,4})?\b"
    rf"|\b(?:{'|'.join(_MONTHS)})[a-z]*\.? \d{{1,2}}(?:st|nd|rd|th)?\b",
    re.IGNORECASE,
)
# Bounded, so that a run of digits or of letters without an end is not tried from each of its places to its end.
MONEY = re.compile(
    r"[$£€]\s?\d[\d,]*(?:\.\d+)?|\b\d[\d,]{0,30}(?:\.\d{1,30})? (?:dollars|pounds|euros)\b",
    re.IGNORECASE,
)
_IN_IDENTIFIER = "[A-Za-z0-9_-]"
IDENTIFIER = re.compile(
    rf"#?\b(?={_IN_IDENTIFIER}{{0,80}}\d)(?={_IN_IDENTIFIER}{{0,80}}[A-Za-z])[A-Za-z0-9]{_IN_IDENTIFIER}{{4,}}\b|#\d{{3,}}|\b\d{{5,}}\b"
)
_TOKEN = re.compile(r"[a-z0-9]+(?:'[a-z]+)?|[^\sa-z0-9]", re.IGNORECASE)
_URL = re.compile(r"https?://\S+|www\.\S+")
_NUMBER = re.compile(r"\d[\d:.,]*")
_NAME = re.compile(r"(?<=[a-z,;'’] )(?:[A-Z][\w'’&-]*(?: (?:of|the|and|de|la))? ?)+")
_MASKS = (
    (_URL, " URL_ "),
    (EMAIL, " EMAIL_ "),
    (DATE, " DATE_ "),
    (MONEY, " MONEY_ "),
    (IDENTIFIER, " ID_ "),
    (_NUMBER, " NUM_ "),
)
LONG = 5  # words from which a turn says something of its own: shorter ones recur in life


def digest(text: str) -> int:
    """64 bits of `text`: an order that has nothing to do with what it says."""
    return int.from_bytes(blake2b(text.encode("utf-8", "replace"), digest_size=8).digest(), "big")


def tokens(text: str) -> list[str]:
    """Lower-case words and marks."""
    return _TOKEN.findall(text.lower())


def count_words(text: str) -> int:
    return len(WORD.findall(text))


@lru_cache(maxsize=20_000)
def masked(text: str) -> str:
    """`text` with addresses, dates, amounts, ids and numbers replaced by what they are."""
    for pattern, mask in _MASKS:
        text = pattern.sub(mask, text)
    return text


def anonymous(text: str) -> str:
    """As `masked`, names too: capitalised words within a sentence."""
    return _NAME.sub("NAME_ ", masked(text))


def month_day(date: str) -> str:
    """A date in any of the forms of DATE as MM-DD, so that "2024-03-09", "March 9th" and "3/9" meet. Lower case if it is none."""
    iso = re.match(r"\d{4}-(\d\d)-(\d\d)$", date)
    numbers = iso or re.match(r"(\d{1,2})/(\d{1,2})", date)
    if numbers:
        return f"{int(numbers[1]):02d}-{int(numbers[2]):02d}"
    named = re.match(r"([a-z]{3})[a-z]*\.? (\d{1,2})", date.lower())
    if named and named[1] in _MONTHS:
        return f"{_MONTHS.index(named[1]) + 1:02d}-{int(named[2]):02d}"
    return date.lower()


def mean(values: Iterable[float]) -> float:
    """The mean; 0 of nothing."""
    listed = list(values)
    return sum(listed) / len(listed) if listed else 0.0
