"""Is an invented subject usable? Each answer is read into what the frame pack has gaps for; flaws are told in words."""

import keyword
import re
from collections.abc import Mapping
from typing import Any

from synth_sdk.core.errors import Outcome, Rejected
from synth_sdk.core.models import Json
from synth_sdk.dialogue.gates.entities import entities

_NOUN = re.compile(r"[a-z][a-z' -]{1,38}[a-z]")
_PHRASE = re.compile(r"[A-Za-z][\w'’ ,&/-]{1,58}[\w'’]")
_CODE = re.compile(r"[A-Z]{0,5}[-/ ]?#[#-]{3,11}")
_TAKEN = frozenset(
    {
        "now",
        "goal",
        "fault",
        "persona",
        "known",
        "error",
        "args",
        "row",
        "rule",
        "wish",
        "view",
        "said",
        "moved",
        "outcome",
        "start",
        "end",
        "retry",
    }
)
_FEWEST = 5
_LONGEST_ANSWER = 240


def subject(value: Json) -> dict[str, Any]:
    """Description, nouns, shape of ids and prices, with the names that a pack needs for them."""
    told: dict[str, Any] = {key: _text(value, key) for key in ("description", "business", "thing", "number", "id", "happens")}
    for key in ("thing", "number"):
        told[key] = told[key].lower().removeprefix("a ").removeprefix("an ").removeprefix("the ")
        if not _NOUN.fullmatch(told[key]) or len(told[key].split()) > 3:
            raise _broken(f'{key} {told[key]!r}: write a noun of one to three plain words, such as "repair"')
    for key in ("business", "happens"):
        told[key] = told[key].rstrip(".")
        if not _PHRASE.fullmatch(told[key]):
            raise _broken(f"{key} {told[key]!r}: write a few plain words, without punctuation")
    if not 10 <= len(told["description"]) <= 200 or "{" in told["description"]:
        raise _broken("description: write one sentence of 10 to 200 characters")
    if not _CODE.fullmatch(told["id"]) or told["id"].count("#") < 4:
        raise _broken(f"id {told['id']!r}: write capital letters, a dash if you like, and at least four of #, such as W-#####")
    low, high = _price(value, "low_price"), _price(value, "high_price")
    if low >= high:
        raise _broken(f"low_price {low} is not below high_price {high}")
    return {**told, "prices": [low, high], "entity": _entity(told["thing"])}


def _entity(thing: str) -> str:
    """The thing as a name in expressions."""
    name = re.sub(r"[^a-z]+", "_", thing).strip("_")
    return "entry" if keyword.iskeyword(name) or name in _TAKEN or not name.isidentifier() else name


def vocabulary(value: Json) -> dict[str, list[str]]:
    """Items and matters, each once."""
    return {key: _phrases(value, key) for key in ("items", "matters")}


def _phrases(value: Json, key: str) -> list[str]:
    given = value.get(key) if isinstance(value, Mapping) else None
    if not isinstance(given, list):
        raise _broken(f'the answer is not an object with a list "{key}" of texts')
    kept: dict[str, str] = {}
    flaws: list[str] = []
    for text in given:
        phrase = " ".join(text.split()).rstrip(".") if isinstance(text, str) else ""
        if not _PHRASE.fullmatch(phrase) or any(char.isdigit() for char in phrase):
            flaws.append(f"{str(text)[:40]!r} is no phrase of plain words without digits")
        else:
            kept.setdefault(phrase.casefold(), phrase)
    if len(kept) < _FEWEST or len(kept) < len(given) / 2:
        raise _broken(f"{key}: only {len(kept)} of {len(given)} can be used: {'; '.join(flaws[:3]) or 'write different ones'}")
    return list(kept.values())


def rules(value: Json) -> dict[str, list[dict[str, str]]]:
    """Topics with their answers."""
    given = value.get("rules") if isinstance(value, Mapping) else None
    if not isinstance(given, list):
        raise _broken('the answer is not an object with a list "rules"')
    kept: dict[str, dict[str, str]] = {}
    flaws: list[str] = []
    for row in given:
        try:
            topic, answer = _text(row, "topic").rstrip("?."), _text(row, "answer")
            kept.setdefault(topic.casefold(), {"topic": _topic(topic), "answer": _answer(answer)})
        except Rejected as reason:
            flaws.append(reason.message)
    if len(kept) < _FEWEST:
        raise _broken(f"only {len(kept)} of {len(given)} rules can be used: {'; '.join(flaws[:3]) or 'write different ones'}")
    return {"topics": list(kept.values())}


def _topic(text: str) -> str:
    if not _PHRASE.fullmatch(text) or any(char.isdigit() for char in text):
        raise _broken(f"topic {text[:40]!r}: write a noun phrase of plain words")
    return text


def _answer(text: str) -> str:
    if len(text) > _LONGEST_ANSWER or not text.isprintable() or any(mark in text for mark in "{}[]*#"):
        raise _broken(f"answer {text[:40]!r}: write one or two plain sentences, at most {_LONGEST_ANSWER} characters")
    if stated := next((kind for kind, _ in entities(text) if kind in ("email", "id", "date")), None):
        raise _broken(f"answer {text[:40]!r}: it holds a {stated}; leave that out")
    return text if text[-1] in ".!?" else f"{text}."


def _text(value: Json, key: str) -> str:
    text = value.get(key) if isinstance(value, Mapping) else None
    if not isinstance(text, str) or not text.strip() or not text.isprintable():
        raise _broken(f"{key}: write some text")
    return " ".join(text.split())


def _price(value: Json, key: str) -> int:
    number = value.get(key)
    if isinstance(number, bool) or not isinstance(number, int | float) or not 1 <= number <= 100_000:
        raise _broken(f"{key}: write a number of dollars from 1 to 100000")
    return round(number)


def _broken(reason: str) -> Rejected:
    return Rejected(reason, Outcome.BROKEN)
