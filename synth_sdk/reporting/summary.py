"""The head of the page: what was made, when, how it ended, and its figures and verdicts at a glance."""

from contextlib import suppress
from datetime import UTC, datetime
from typing import NamedTuple

from synth_sdk.reporting import compliance, facts
from synth_sdk.reporting.reading import mapping, number, text
from synth_sdk.reporting.words import cut, short, took, usd

_OF_ANY_KIND = frozenset({"", "json", "structured", "custom"})
_GOOD = frozenset({"success", "clean", "hardly", "indistinguishable", "close", "good", "pass", "passed", "ok"})
_FAIR = frozenset({"partial", "adjusted", "fair", "similar", "different", "warning"})
_BAD = frozenset({"plainly", "copies"})


class Tile(NamedTuple):
    """One figure of the summary; `mood` is good, fair, bad or nothing."""

    name: str
    value: str
    note: str = ""
    mood: str = ""


def heading(told: facts.Report) -> str:
    """How many records of which kind."""
    kind = "" if facts.kind(told) in _OF_ANY_KIND else f"{facts.kind(told)} ".replace("_", " ")
    return f"{facts.records(told)} {kind}record{'' if facts.records(told) == '1' else 's'}"


def created(told: facts.Report) -> str:
    """When the run began, to the second."""
    said = text(told.get("created_at"))
    with suppress(ValueError, OverflowError):
        moment = datetime.fromisoformat(said)
        moment = moment.astimezone(UTC) if moment.tzinfo else moment
        return f"{moment:%Y-%m-%d %H:%M:%S} UTC"
    return said


def where(told: facts.Report) -> str:
    """Where the records are."""
    place = text(told.get("output_location"))
    if told.get("status") == "failed" and number(told.get("records_generated")) in (0, None):
        return "nothing was delivered"
    if not place:
        return "kept in memory"
    return "standard output" if place == "-" else place


def status(told: facts.Report) -> Tile:
    said = text(told.get("status"))
    return Tile("Status", facts.status(told)[1], mood=mood(said) or "bad")


def mood(word: str) -> str:
    """What a verdict, told by its first word, means for the reader."""
    first = word.lower().replace(":", " ").split(" ")[0]
    return "good" if first in _GOOD else "fair" if first in _FAIR else "bad" if first in _BAD else ""


def tiles(told: facts.Report) -> list[Tile]:
    """The figures and verdicts, those that always are there first."""
    tiles = [Tile("Records", facts.records(told)), *_time(told), *_money(told)]
    tiles += [Tile(name, said) for name, said in facts.scores(told)]
    found = text(compliance.asked(told).get("status"))
    if found and compliance.frameworks(told):
        tiles.append(Tile("Compliance", found.capitalize(), ", ".join(compliance.frameworks(told)), mood(found) or "bad"))
    tiles += _likeness(told)
    anonymity = mapping(compliance.asked(told).get("k_anonymity"))
    if (k := number(anonymity.get("k"))) is not None:
        tiles.append(Tile("k-anonymity", f"k = {short(k)}", "the smallest group of records alike"))
    return tiles


def _likeness(told: facts.Report) -> list[Tile]:
    """The verdict on the comparison with a sample: the grade in a word or two, with the measure that it goes by."""
    found = facts.comparison(told)
    concluded, grade = facts.verdict(found), text(found.get("grade"))
    if grade:
        area = number(mapping(found.get("classifier")).get("auc"))
        return [
            Tile("Against the sample", grade.capitalize(), f"classifier AUC {area:.2f}" if area is not None else "", mood(grade))
        ]
    word, _, rest = concluded.partition(":")
    return (
        [Tile("Against the sample", cut(word, 24).capitalize(), cut(rest.strip() or concluded, 90), mood(word))] if word else []
    )


def _time(told: facts.Report) -> list[Tile]:
    made, ms = number(told.get("records_generated")), number(told.get("execution_time_ms"))
    if ms is None or ms < 0:
        return []
    return [Tile("Time", took(ms), _rate(made / ms * 1000) if made and ms else "")]


def _rate(rate: float) -> str:
    shown = f"{rate:,.0f}" if rate >= 10 else f"{rate:.2g}"
    return f"{shown} record{'' if shown == '1' else 's'} a second"


def _money(told: facts.Report) -> list[Tile]:
    cost = mapping(told.get("cost"))
    if "spent_usd" not in cost:
        return []
    budget = cost.get("budget_usd")
    return [Tile("Cost", usd(cost["spent_usd"]), "no budget, no model was asked" if budget is None else f"of {usd(budget)}")]
