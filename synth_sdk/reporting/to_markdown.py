"""The report as Markdown: the lines that people know first, then all the rest as lists and tables."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from synth_sdk.reporting import compliance, facts
from synth_sdk.reporting.again import again
from synth_sdk.reporting.fields import described, field_views
from synth_sdk.reporting.reading import clean, listing, mapping, number, text
from synth_sdk.reporting.references import references, verdict
from synth_sdk.reporting.sample import compared, figures
from synth_sdk.reporting.words import count, cut, pairs, percent, plural

_MOST_FIELDS = 100
_MOST_NOTES = 100
_MOST_FINDINGS = 200
_LONGEST_NOTE = 2000
_MARKUP = re.compile(r"[\\`*{}\[\]<|~]|(?<![^\W_])_|_(?![^\W_])|&(?=#?\w+;)|!(?=\[)")
_STARTS = re.compile(r"^(#+|>|[-+=](?=\s|$|[-+=])|\d+[.)](?=\s|$))")  # what begins a heading, list or rule
Rows = Iterable[Sequence[str]]


def markdown(report: Mapping[str, Any]) -> str:
    """The report in Markdown. What comes from users can neither break a table nor become markup."""
    told = clean(report)
    parts = [_head(told), _quality(told), _location(told), *(part for section in _SECTIONS if (part := "\n".join(section(told))))]
    return "\n\n".join(parts) + "\n"


def plain(said: str) -> str:
    """Text in which nothing is markup, on one line."""
    line = " ".join(said.split())
    return _STARTS.sub(lambda found: f"{found[0][:-1]}\\{found[0][-1]}", _MARKUP.sub(r"\\\g<0>", line))


def _head(told: facts.Report) -> str:
    mark, word = facts.status(told)
    lines = [
        f"**Generation ID:** {plain(str(told.get('generation_id', '')))}",
        f"**Status:** {f'{mark} ' if mark else ''}{plain(word)}",
        f"**Records Generated:** {facts.records(told)}",
        f"**Execution Time:** {facts.elapsed(told)}",
    ]
    more = [
        f"**{name}:** {plain(said)}"
        for name, said in (("Kind", facts.kind(told)), ("Created", text(told.get("created_at"))))
        if said
    ]
    return f"# {facts.TITLE}\n\n" + "\n".join([*lines, *more])


def _quality(told: facts.Report) -> str:
    scores = {"Uniqueness": "not measured", "Validity": "not measured", **dict(facts.scores(told))}
    first = [
        ("Uniqueness", scores.pop("Uniqueness")),
        ("Validity", scores.pop("Validity")),
        ("Distribution", facts.distribution(told)),
    ]
    notes = (plain(str(note)) for note in listing(facts.quality(told).get("notes")))
    return "\n".join(
        [
            "## Quality Metrics",
            *(f"- {name}: {plain(said)}" for name, said in [*first, *scores.items()]),
            *(f"- {note}" for note in notes),
        ]
    )


def _location(told: facts.Report) -> str:
    empty = told.get("status") == "failed" and not number(told.get("records_generated"))
    return f"## Output Location\n{'none: nothing was delivered' if empty else plain(str(told.get('output_location') or 'none'))}"


def _cost(told: facts.Report) -> Iterator[str]:
    if amounts := [*facts.money(told), *((one.name, one.size) for one in facts.models(told))]:
        yield from _table("Cost", ["", "US dollars"], amounts)


def _origins(told: facts.Report) -> Iterator[str]:
    if parts := facts.origins(told):
        yield from _table("Origins", ["Records", "Count", "Share"], ((one.name, one.size, percent(one.share)) for one in parts))


def _fields(told: facts.Report) -> Iterator[str]:
    views = field_views(told)
    if views:
        rows = ((one.name, percent(one.null_share), one.distinct, described(one)) for one in views[:_MOST_FIELDS])
        yield from _table("Fields", ["Field", "Null", "Distinct", "Values"], rows)
        yield from _more(len(views) - _MOST_FIELDS, "field")


def _stages(told: facts.Report) -> Iterator[str]:
    if steps := facts.stages(told):
        yield from _table("Stages", ["Stage", "Time", ""], ((one.name, one.took, one.told) for one in steps))


def _compliance(told: facts.Report) -> Iterator[str]:
    asked = compliance.asked(told)
    if not asked:
        return
    status, found = text(asked.get("status")), compliance.findings(told)
    yield "## Compliance"
    frameworks = compliance.frameworks(told)
    yield f"- Frameworks: {plain(', '.join(frameworks) or 'none')}{' (strict)' if asked.get('strict') is True else ''}"
    if status and frameworks:
        meaning = compliance.verdict(told)
        yield f"- Status: {plain(status)}{f': {plain(meaning)}' if meaning else ''}"
    rows = (
        (
            one.framework,
            one.rule,
            one.citation,
            one.field or "(record)",
            one.severity,
            one.done or "none",
            count(one.count),
            one.message,
        )
        for one in found[:_MOST_FINDINGS]
    )
    if found:
        yield ""
        yield from _grid(["Framework", "Rule", "Citation", "Field", "Severity", "Action", "Values", "Finding"], rows)
        yield from _more(len(found) - _MOST_FINDINGS, "finding")
        yield ""
    yield from (f"- Masked: {plain(label)}: {plain(said)}" for label, said in pairs(mapping(asked.get("masked")), name=str))
    yield from (f"- {plain(label)}: {plain(said)}" for label, said in compliance.anonymity(mapping(asked.get("k_anonymity"))))
    yield from (f"- {plain(label)}: {plain(said)}" for label, said in compliance.copies(mapping(asked.get("privacy"))))


def _comparison(told: facts.Report) -> Iterator[str]:
    found = facts.comparison(told)
    if not found:
        return
    yield "## Against the Sample"
    yield from (f"- {plain(name)}: {plain(said)}" for name, said in figures(found))
    columns, rows = compared(found)
    if rows:
        yield ""
        yield from _grid(["Field", *columns], rows[:_MOST_FIELDS])
        yield from _more(len(rows) - _MOST_FIELDS, "field")


def _references(told: facts.Report) -> Iterator[str]:
    found = mapping(facts.quality(told).get("referential_integrity"))
    columns, rows = references(found)
    if rows:
        yield "## Referential Integrity"
        yield from ([f"{plain(said)}\n"] if (said := verdict(found)) else [])
        yield from _grid(["Reference", *columns], rows[:_MOST_FIELDS])


def _judge(told: facts.Report) -> Iterator[str]:
    if judged := mapping(told.get("judge")):
        yield from _table("Judge", ["", ""], pairs(judged, 3))


def _tables(told: facts.Report) -> Iterator[str]:
    if tables := mapping(told.get("tables")):
        rows = (
            (name, count(number(mapping(one).get("records_generated")) or 0), str(mapping(one).get("row_digest", "")))
            for name, one in tables.items()
        )
        yield from _table("Tables", ["Table", "Rows", "Digest"], rows)


def _notes(key: str, heading: str) -> Any:
    def section(told: facts.Report) -> Iterator[str]:
        if notes := facts.notes(told, key):
            yield f"## {heading}"
            yield from (f"- {plain(cut(note, _LONGEST_NOTE))}" for note in notes[:_MOST_NOTES])
            yield from _more(len(notes) - _MOST_NOTES, key.removesuffix("s"))

    return section


def _again(told: facts.Report) -> Iterator[str]:
    made = again(told)
    yield "## Making It Again"
    yield f"{_fence(made.command)}console\n$ {made.command}\n{_fence(made.command)}"
    yield f"\n{' '.join(filter(None, [made.promise, made.note]))}\n"
    yield f"- Seed: {plain(str(told.get('seed', 0)))}"
    yield f"- Fingerprint: {plain(str(told.get('fingerprint', '')))}"
    manifest = mapping(told.get("manifest"))
    if digest := manifest.get("row_digest"):
        yield f"- Digest of the rows: {plain(str(digest))}"
    if versions := mapping(manifest.get("versions")):
        yield f"- Made with: {plain(', '.join(f'{name} {version}' for name, version in versions.items()))}"


_SECTIONS = (
    _cost, _origins, _fields, _references, _stages, _compliance, _comparison, _judge, _tables,
    _notes("errors", "Errors"), _notes("warnings", "Warnings"), _again,
)  # fmt: skip


def _table(heading: str, columns: Sequence[str], rows: Rows) -> Iterator[str]:
    yield f"## {heading}"
    yield from _grid(columns, rows)


def _grid(columns: Sequence[str], rows: Rows) -> Iterator[str]:
    yield f"| {' | '.join(map(plain, columns))} |"
    yield "|---" * len(columns) + "|"
    yield from (f"| {' | '.join(map(plain, row))} |" for row in rows)


def _more(left: int, noun: str) -> Iterator[str]:
    if left > 0:
        yield f"\nand {plural(left, f'more {noun}')}"


def _fence(code: str) -> str:
    """Longer than any run of backticks in the code."""
    return "`" * max(3, 1 + max(map(len, re.findall("`+", code)), default=0))
