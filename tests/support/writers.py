"""Models for the kinds that are written from briefs (`generators/written.py`): one that does what each brief says, one that heeds nothing.

with ProviderServer(respond=write) as server: ...
"""

import json
import random
import re
from typing import Any

from tests.support.provider_server import briefs_of
from tests.support.wire_formats import WireRequest

_CALL = re.compile(r"^\d+\. (?:call of \S+|\S+, to [^\n]*?): (\{.*)$", re.MULTILINE)
_TAKEN = re.compile(r"[Tt]he ([\w ]+?) (?:of the second call )?comes from the (?:first )?result")
_WHO = (
    "The baker",
    "My neighbour",
    "A tall stranger",
    "The night nurse",
    "Our postman",
    "The youngest pupil",
    "An old sailor",
    "The cook",
)
_DID = ("mended", "carried", "painted", "forgot", "counted", "borrowed", "cleaned", "measured", "wrapped", "weighed")
_WHAT = (
    "the blue boat",
    "a box of pears",
    "the long ladder",
    "the broken clock",
    "a heavy rope",
    "the long table",
    "an empty jar",
    "every key",
)
_WHEN = (
    "before noon",
    "in the rain",
    "with great care",
    "for the third time",
    "without a word",
    "after the market",
    "by candle light",
)


def write(request: WireRequest) -> list[Any]:
    """One answer for each brief."""
    return [answer(brief) for brief in briefs_of(request)]


def babble(request: WireRequest) -> list[Any]:
    """Answers of the right shape that heed nothing: plausible sentences of something else."""
    return [_babbled(brief) for brief in briefs_of(request)]


def sentences(count: int, rng: random.Random) -> str:
    """So many plain sentences."""
    return " ".join(f"{rng.choice(_WHO)} {rng.choice(_DID)} {rng.choice(_WHAT)} {rng.choice(_WHEN)}." for _ in range(count))


def answer(brief: str) -> dict[str, Any]:
    """What the brief asks for."""
    rng = random.Random(brief)
    if wanted := re.match(r"(\d+) sentence", brief):
        return {"text": sentences(int(wanted.group(1)), rng)}
    if told := re.search(r"^Request: (.*)\nReply: (.*)$", brief, re.MULTILINE | re.DOTALL):
        return {"request": f"Hello again. {told.group(1)}", "reply": f"Of course. {told.group(2)}"}
    said = f"{sentences(2, rng)} Please see to it: {' and '.join(_values(brief))}"
    if "Steps:" not in brief:
        return {"request": said, "reply": sentences(1, rng)}
    thoughts = [sentences(1, rng) for _ in re.findall(r"^\d+\. a thought", brief, re.MULTILINE)]
    return {"task": said, "thoughts": thoughts}


def _babbled(brief: str) -> dict[str, Any]:
    rng = random.Random(brief)
    if re.match(r"\d+ sentence", brief):
        return {"text": sentences(9, rng)}
    first = "task" if "Steps:" in brief else "request"
    rest = {"thoughts": [sentences(1, rng) for _ in range(4)]} if first == "task" else {"reply": sentences(1, rng)}
    return {first: sentences(2, rng), **rest}


def _values(brief: str) -> list[str]:
    """The arguments of the right calls, without those that come from a result."""
    taken = {name.replace(" ", "_") for name in _TAKEN.findall(brief)}
    found: dict[str, None] = {}
    calls = list(_CALL.finditer(brief))
    for number, call in enumerate(calls):
        after = brief[call.end() : calls[number + 1].start() if number + 1 < len(calls) else None]
        arguments, _ = json.JSONDecoder().raw_decode(call.group(1))
        if "invalid_argument" not in after:
            found |= dict.fromkeys(_texts([value for key, value in arguments.items() if not (number and key in taken)]))
    return list(found)


def _texts(value: Any) -> list[str]:
    if isinstance(value, dict | list):
        return [text for item in (value.values() if isinstance(value, dict) else value) for text in _texts(item)]
    return [] if value is None or isinstance(value, bool) else [str(value)]
