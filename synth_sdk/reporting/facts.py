"""What both Markdown and page tell of a report: its verdicts, figures and amounts, already in words."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from synth_sdk.reporting.reading import listing, mapping, number, text, whole
from synth_sdk.reporting.words import count, percent, plural, seconds, title, took, usd

TITLE = "Synthetic Data Generation Report"
ORIGINS = {
    "llm": "written by models",
    "cache": "from the cache",
    "blueprint": "expanded from a blueprint",
    "offline": "made offline",
}
_STATUSES = {"success": ("\u2705", "Success"), "partial": ("\u26a0\ufe0f", "Partial"), "failed": ("\u274c", "Failed")}
_SCORES = {
    "uniqueness_score": "Uniqueness",
    "validity_score": "Validity",
    "completeness_score": "Completeness",
    "edge_case_coverage": "Edge cases covered",
}
Report = Mapping[str, Any]


class Share(NamedTuple):
    """A part of a whole, 0 to 1, with its label and size in words."""

    name: str
    size: str
    share: float
    key: str = ""


class Stage(NamedTuple):
    """One step of the pipeline and its work in milliseconds, added up over all processes."""

    name: str
    ms: float
    told: str

    @property
    def took(self) -> str:
        """Its time in words; of the stage that writes the report nothing, which can't know it."""
        return took(self.ms) if self.ms or self.name != "report" else "-"


def status(report: Report) -> tuple[str, str]:
    """The mark and the word of the report's status."""
    said = text(report.get("status"))
    return _STATUSES.get(said, ("", title(said) or "Unknown"))


def quality(report: Report) -> Mapping[str, Any]:
    return mapping(report.get("data_quality_metrics"))


def fields(report: Report) -> Mapping[str, Any]:
    return mapping(quality(report).get("distribution_analysis"))


def kind(report: Report) -> str:
    """What the records are; "" where nothing says."""
    places = (report, mapping(report.get("plan")), mapping(report.get("manifest")))
    return next((said for place in places if (said := text(place.get("kind")))), "")


def wanted(report: Report) -> int | None:
    """How many records were asked for."""
    asked = whole(report.get("records_wanted"))
    return asked if asked is not None else whole(mapping(report.get("plan")).get("count"))


def records(report: Report) -> str:
    """10,000; or 9,000 of 10,000."""
    made, asked = whole(report.get("records_generated")) or 0, wanted(report)
    return count(made) if asked is None or asked == made else f"{count(made)} of {count(asked)}"


def elapsed(report: Report) -> str:
    spent = number(report.get("execution_time_ms"))
    return "unknown" if spent is None else seconds(max(spent, 0))


def scores(report: Report) -> Iterator[tuple[str, str]]:
    """The measured scores, in percent. Nothing is said of no records, nor of edge cases where there can be none."""
    for key, name in _SCORES.items() if whole(report.get("records_generated")) != 0 else ():
        score = quality(report).get(key)
        if isinstance(score, Mapping) and score.get("possible") == 0:
            continue
        share = number(score if not isinstance(score, Mapping) else score.get("score"))
        if share is not None:
            yield name, percent(share)


def distribution(report: Report) -> str:
    """The commonest shape of the fields of numbers in a word; where no shape is known, what kinds of fields there are."""
    told = [mapping(one) for one in fields(report).values()]
    shapes = Counter(shape for one in told if "mean" in one and (shape := text(one.get("shape"))))
    shapes = shapes or Counter(shape for one in told if (shape := text(one.get("shape"))))
    if shapes:
        (shape, times), *others = shapes.most_common()
        return title(shape) if not others else f"{title(shape)} ({times} of {shapes.total()} fields)"
    if not told:
        return "not measured"
    measured = sum("mean" in one for one in told)
    return f"{plural(len(told), 'field')}, {measured} of numbers" if measured else plural(len(told), "field")


def money(report: Report) -> Iterator[tuple[str, str]]:
    """The amounts of the run's account."""
    cost = mapping(report.get("cost"))
    labels = {
        "budget_usd": "Budget",
        "spent_usd": "Spent",
        "held_usd": "Held for replies without a bill",
        "saved_by_cache_usd": "Saved by the cache",
    }
    return ((label, usd(cost[key])) for key, label in labels.items() if key in cost)


def models(report: Report) -> list[Share]:
    """What each model cost, the dearest first, as shares of all that was paid."""
    paid = {
        arm: (str(amount), max(number(amount) or 0, 0))
        for arm, amount in mapping(mapping(report.get("cost")).get("by_model")).items()
    }
    whole_cost = sum(size for _, size in paid.values()) or 1
    ranked = sorted(paid.items(), key=lambda pair: (-pair[1][1], pair[0]))
    return [Share(arm, usd(amount), size / whole_cost) for arm, (amount, size) in ranked]


def origins(report: Report) -> list[Share]:
    """Where the records came from, in the report's order; those that nothing came from are left out."""
    found = {name: max(number(size) or 0, 0) for name, size in mapping(report.get("origins")).items()}
    total = sum(found.values()) or 1
    return [Share(ORIGINS.get(name, name), count(size), size / total, name) for name, size in found.items() if size]


def stages(report: Report) -> list[Stage]:
    """The steps of the pipeline, in their order."""
    found = map(mapping, listing(report.get("stages")))
    return [Stage(text(one.get("name")) or "stage", max(number(one.get("ms")) or 0, 0), text(one.get("told"))) for one in found]


def notes(report: Report, key: str) -> list[str]:
    """The errors, or the warnings."""
    return [one if isinstance(one, str) else str(one) for one in listing(report.get(key))]


def comparison(report: Report) -> Mapping[str, Any]:
    return mapping(quality(report).get("against_sample"))


def verdict(found: Mapping[str, Any]) -> str:
    """What a comparison or a judge concludes: one line."""
    said = found.get("verdict")
    return said if isinstance(said, str) else text(mapping(said).get("message")) or text(mapping(said).get("verdict"))
