"""The report as one HTML page that needs nothing from the network, and no script to be read."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from synth_sdk.reporting import compliance, facts, summary
from synth_sdk.reporting.again import again
from synth_sdk.reporting.correlations import Correlations, correlations
from synth_sdk.reporting.fields import FieldView, described, field_views
from synth_sdk.reporting.reading import clean, listing, mapping, number, text, whole
from synth_sdk.reporting.references import references
from synth_sdk.reporting.references import verdict as references_verdict
from synth_sdk.reporting.sample import compared, figures
from synth_sdk.reporting.talks import laid_out, reading
from synth_sdk.reporting.templates import script, template
from synth_sdk.reporting.words import cut, pairs, percent, plural, short, took

if TYPE_CHECKING:
    from markupsafe import Markup

_MOST_NOTES = 100
_MOST_RECORDS = 10
_MOST_FIELDS = 1000  # of the table of fields
_MOST_ROWS = 300  # of other tables
_MOST_CARDS = 240  # fields with plots
_OPEN_CARDS = 48  # of these, at first in sight
_MOST_FINDINGS = 100  # of one framework
_LONGEST_NOTE = 600


class Card(NamedTuple):
    """A field with its plots."""

    view: FieldView
    plots: "list[Markup]"


def page(report: Mapping[str, Any]) -> str:
    """The report as HTML; what isn't in the report is left out of the page."""
    told = clean(report)
    found, views = facts.comparison(told), field_views(told)
    columns, compared_rows = compared(found)
    return template("synth_sdk.reporting", "report.html.jinja").render(
        title=facts.TITLE,
        script=script("report.js"),
        heading=summary.heading(told),
        created=summary.created(told),
        generation=str(told.get("generation_id", "")),
        where=summary.where(told),
        status=summary.status(told),
        tiles=summary.tiles(told),
        errors=_notes(told, "errors"),
        warnings=_notes(told, "warnings"),
        request=_request(told),
        stages=_stages(told),
        timeline=_timeline(told),
        cost=list(facts.money(told)),
        models=_bars(facts.models(told)),
        origins=facts.origins(told),
        origin_bar=_origin_bar(told),
        scores=list(facts.scores(told)),
        distribution=facts.distribution(told),
        measured=_measured(told),
        references=references(mapping(facts.quality(told).get("referential_integrity"))),
        references_verdict=references_verdict(mapping(facts.quality(told).get("referential_integrity"))),
        quality_notes=[str(note) for note in listing(facts.quality(told).get("notes"))][:_MOST_NOTES],
        views=[(view, described(view)) for view in views[:_MOST_FIELDS]],
        fields_in_all=len(views),
        cards=[Card(view, _plots(view)) for view in views[:_MOST_CARDS]],
        open_cards=_OPEN_CARDS,
        correlations=_correlations(told),
        sample={
            "figures": list(figures(found)),
            "columns": columns,
            "rows": compared_rows[:_MOST_ROWS],
            "all": len(compared_rows),
        },
        compliance=_compliance(told),
        judge=list(pairs(mapping(told.get("judge")), 3)),
        tables=_tables(told),
        records=[reading(number, record) for number, record in enumerate(listing(told.get("records"))[:_MOST_RECORDS], 1)],
        again=again(told),
        origin_of=_provenance(told),
    )


def _notes(told: facts.Report, key: str) -> dict[str, Any]:
    notes = facts.notes(told, key)
    return {"shown": [cut(note, _LONGEST_NOTE) for note in notes[:_MOST_NOTES]], "all": len(notes)}


def _request(told: facts.Report) -> dict[str, Any]:
    """What was asked for: what fits a line as rows of a table, all of it as JSON."""
    request = mapping(told.get("request"))
    rows = [(name, value) for name, value in pairs(request) if len(value) <= 200]
    return {"rows": rows[:60], "whole": laid_out(request) if request else ""}


def _stages(told: facts.Report) -> "list[tuple[facts.Stage, Markup]]":
    from synth_sdk.reporting.plots import bar

    steps = facts.stages(told)
    total = sum(one.ms for one in steps) or 1
    longest = max((one.ms for one in steps), default=0) or 1
    return [(one, bar(one.ms / longest, f"{one.name}: {took(one.ms)}, {percent(one.ms / total)}")) for one in steps]


def _timeline(told: facts.Report) -> "list[Markup]":
    """Records and money over time, where there are two moments to draw a line between."""
    from synth_sdk.reporting.plots import curve

    moments = [mapping(one) for one in listing(told.get("timeline"))]
    drawn = []
    for key, title, say in (("records", "Records", short), ("spent_usd", "US dollars spent", _dollars)):
        points = [
            (max(ms, 0), value)
            for one in moments
            if (ms := number(one.get("ms"))) is not None and (value := number(one.get(key))) is not None
        ]
        if len(points) > 1 and any(value > 0 for _, value in points):
            drawn.append(curve(title, sorted(points), say))
    return drawn


def _dollars(amount: float) -> str:
    return f"${amount:.4f}".rstrip("0").rstrip(".") if amount < 10 else f"${short(amount)}"


def _bars(shares: Sequence[facts.Share]) -> "list[tuple[facts.Share, Markup]]":
    from synth_sdk.reporting.plots import bar

    return [(one, bar(one.share, f"{one.name}: {one.size}, {percent(one.share)}")) for one in shares]


def _origin_bar(told: facts.Report) -> "Markup | None":
    from synth_sdk.reporting.plots import stacked

    parts = facts.origins(told)
    if not parts:
        return None
    told_of = ", ".join(f"{one.name} {percent(one.share)}" for one in parts)
    return stacked(told_of, [(f"origin-{one.key}", one.share, f"{one.name}: {one.size}, {percent(one.share)}") for one in parts])


def _measured(told: facts.Report) -> list[tuple[str, str]]:
    """Figures of the whole that are more than a score."""
    quality = facts.quality(told)
    edges = mapping(quality.get("edge_case_coverage"))
    covered, possible = whole(edges.get("covered")), whole(edges.get("possible"))
    rows = (
        []
        if covered is None or not possible
        else [("Edge cases that occur", f"{covered:,} of {possible:,} for which the schema has room")]
    )
    sampled = whole(quality.get("rows_sampled"))
    return [*rows, *([("Rows sampled for the heavier figures", f"{sampled:,}")] if sampled else [])][:200]


def _plots(view: FieldView) -> "list[Markup]":
    from synth_sdk.reporting.plots import benford, binned, quantile_bar, ranked

    drawn, said = [], cut(f"{view.name}: {described(view)}", 300)
    if view.counts and view.edges[0] != view.edges[-1]:
        scale = "share of each bin" + (", logarithmic" if view.logarithmic else "")
        drawn.append(binned("Values", view.edges, view.counts, note=scale, label=f"values of {said}"))
    elif any(size > 1 for _, size in view.top):
        drawn.append(
            ranked("Commonest values", view.top[:8], view.count, note="share of all", label=f"commonest values of {said}")
        )
    if len({value for _, value in view.quantiles}) > 1:
        drawn.append(quantile_bar(view.quantiles))
    if view.digits:
        drawn.append(benford("First digits", view.digits, label=f"first digits of {view.name}, and those of Benford's law"))
    return drawn


def _correlations(told: facts.Report) -> "tuple[Correlations, Markup] | None":
    from synth_sdk.reporting.plots import heat_map

    found = correlations(mapping(facts.quality(told).get("correlations")))
    return (found, heat_map("Correlations of fields", found.names, found.rows)) if found else None


def _compliance(told: facts.Report) -> dict[str, Any] | None:
    asked = compliance.asked(told)
    if not asked:
        return None
    found = compliance.by_framework(told)
    status = text(asked.get("status"))
    return {
        "status": status if compliance.frameworks(told) else "",
        "mood": summary.mood(status) or "bad",
        "verdict": compliance.verdict(told),
        "strict": asked.get("strict") is True,
        "groups": [(name, some[:_MOST_FINDINGS], max(len(some) - _MOST_FINDINGS, 0)) for name, some in found.items()],
        "counts": compliance.counted(told),
        "total": plural(sum(map(len, found.values())), "finding"),
        "masked": list(pairs(mapping(asked.get("masked")), name=str))[:_MOST_ROWS],
        "k_anonymity": list(compliance.anonymity(mapping(asked.get("k_anonymity"))))[:_MOST_ROWS],
        "privacy": list(compliance.copies(mapping(asked.get("privacy")))),
    }


def _tables(told: facts.Report) -> list[tuple[str, str, str]]:
    """The tables of a relational set: name, rows, digest of the rows."""
    tables = ((name, mapping(one)) for name, one in mapping(told.get("tables")).items())
    return [(name, f"{whole(one.get('records_generated')) or 0:,}", text(one.get("row_digest"))) for name, one in tables]


def _provenance(told: facts.Report) -> list[tuple[str, str]]:
    """What identifies the records, and what they were made with."""
    manifest = mapping(told.get("manifest"))
    rows = [
        ("Seed", told.get("seed")),
        ("Fingerprint of what was asked", told.get("fingerprint")),
        ("Digest of the rows", manifest.get("row_digest")),
    ]
    shown = [(name, str(value)) for name, value in rows if value not in (None, "")]
    return [*shown, *((f"Version of {name}", str(version)) for name, version in mapping(manifest.get("versions")).items())]
