"""Records held against a sample: field by field, in how fields go together, for a classifier, and in how near they come to its rows."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from synth_sdk.core.arrow import to_mask, to_numbers
from synth_sdk.core.models import Json
from synth_sdk.quality import classifier, privacy
from synth_sdk.quality.correlation import MOST_FIELDS, Variable, association, variables
from synth_sdk.quality.declared import Declared, declared, dotted
from synth_sdk.quality.extras import has_sklearn
from synth_sdk.quality.pairing import Pair, pairs, some
from synth_sdk.quality.pvalues import chi_square, kolmogorov_smirnov
from synth_sdk.quality.tidy import tidy
from synth_sdk.quality.verdict import grade, verdict

ROWS = 100_000
_CORRELATED = 20_000
_FEWEST = 10


def compare(own: pa.Table, like: pa.Table, schema: Json) -> dict[str, Any]:
    """How `own` (a Profile's sample) differs from `like` (as `read_sample` gives it); `schema` says which texts are dates.

    The figures and their bounds are told in docs/quality.md. Nothing is measured of fewer than ten rows.
    """
    facts = {dotted(path): told for path, told in declared(schema).items()}
    own, like = some(own, ROWS), some(like, ROWS)
    found: dict[str, Any] = {
        "rows": {"own": len(own), "sample": len(like)},
        "fields": {},
        "missing_fields": [name for name in like.column_names if name not in own.column_names],
        "additional_fields": [name for name in own.column_names if name not in like.column_names],
    }
    if min(len(own), len(like)) < _FEWEST:
        return found | {"verdict": "too few rows to compare", "notes": [f"fewer than {_FEWEST} rows on one side"]}
    both, differing = pairs(own, like, facts)
    found["fields"] = {pair.name: _field(pair) for pair in both}
    found["fields"] |= {name: {"kind": "differing types"} for name in differing}
    notes = [f"{name}: its values are of another type than the sample's" for name in differing]
    found["correlation_distance"] = correlation_distance(own, like, facts)
    found["classifier"] = _classified(own, like, facts, notes)
    found["privacy"] = _privacy(own, like, facts, both, notes)
    return found | {"grade": grade(found), "verdict": verdict(found), "notes": [*notes, *_notes(own, like)]}


def _field(pair: Pair) -> dict[str, Any]:
    nulls = pair.nulls
    found: dict[str, Any] = {
        "kind": pair.kind,
        "null_rate_difference": tidy(float(nulls[: pair.own].mean() - nulls[pair.own :].mean()), 4),
    }
    if pair.numbers is not None:
        return found | _of_numbers(pair.numbers[: pair.own], pair.numbers[pair.own :])
    if pair.codes is not None:
        return found | _of_categories(pair.codes[: pair.own], pair.codes[pair.own :])
    return found | _of_texts(pair)


def _of_numbers(own: Any, like: Any) -> dict[str, Any]:
    own, like = own[~np.isnan(own)], like[~np.isnan(like)]
    distance, chance = kolmogorov_smirnov(own, like) if len(own) and len(like) else (0.0, 1.0)
    return {"ks": {"statistic": tidy(distance, 4), "p": tidy(chance, 4)}}


def _of_categories(own: Any, like: Any) -> dict[str, Any]:
    width = int(max(own.max(), like.max())) + 1
    mine, theirs = (np.bincount(codes[codes >= 0], minlength=width) for codes in (own, like))
    statistic, degrees, chance = chi_square(mine, theirs)
    shares = [counts / max(1, counts.sum()) for counts in (mine, theirs)]
    return {
        "chi_square": {"statistic": tidy(statistic, 5), "degrees": degrees, "p": tidy(chance, 4)},
        "tvd": tidy(float(np.abs(shares[0] - shares[1]).sum()) / 2, 4),
    }


def _of_texts(pair: Pair) -> dict[str, Any]:
    """Their lengths, and the share of values that the sample has too."""
    own, like = pair.texts[: pair.own].drop_null(), pair.texts[pair.own :].drop_null()
    lengths = [to_numbers(pc.utf8_length(texts)).astype(np.float64) for texts in (own, like)]
    shared = to_mask(pc.is_in(own, pc.unique(like))).mean() if len(own) and len(like) else 0.0
    return {"lengths": _of_numbers(*lengths), "found_in_sample": tidy(float(shared), 4)}


def correlation_distance(own: pa.Table, like: pa.Table, facts: Mapping[str, Declared]) -> float | None:
    """The mean absolute difference of the two correlation matrices; None where fewer than two fields can be compared."""
    mine = {one.name: one for one in variables(some(own, _CORRELATED), facts)}
    theirs = {one.name: one for one in variables(some(like, _CORRELATED), facts)}
    names = [name for name in mine if name in theirs and _alike(mine[name], theirs[name])][:MOST_FIELDS]
    if len(names) < 2:
        return None
    apart = np.abs(association([mine[name] for name in names]) - association([theirs[name] for name in names]))
    return tidy(float(apart[np.triu_indices(len(names), 1)].mean()), 4)


def _alike(one: Variable, other: Variable) -> bool:
    return (one.codes is None) == (other.codes is None)


def _classified(own: pa.Table, like: pa.Table, facts: Mapping[str, Declared], notes: list[str]) -> dict[str, Any]:
    own, like = some(own, classifier.ROWS), some(like, classifier.ROWS)
    if not has_sklearn():
        notes.append(classifier.MISSING)
        return {"auc": None}
    both, _ = pairs(own, like, facts)
    if not both or min(len(own), len(like)) < classifier.FEWEST:
        notes.append(f"no classifier was asked: it needs {classifier.FEWEST} rows on each side")
        return {"auc": None}
    return classifier.told_apart(both, len(own), len(like))


def _privacy(
    own: pa.Table, like: pa.Table, facts: Mapping[str, Declared], both: Sequence[Pair], notes: list[str]
) -> dict[str, Any]:
    if not both:
        return {}
    found: dict[str, Any] = dict(privacy.copies(both, len(own)))
    own, like = some(own, privacy.OWN_ROWS), some(like, privacy.LIKE_ROWS)
    near, _ = pairs(own, like, facts)
    if not near or min(len(own), len(like)) < privacy.FEWEST:
        return found
    found |= privacy.nearest(near, len(own), len(like))
    if found["ratio"] is None:
        notes.append("most rows of the sample have an equal one: how near records come says nothing")
    return found


def _notes(own: pa.Table, like: pa.Table) -> list[str]:
    told = [
        (ROWS, "fields and exact copies are compared"),
        (_CORRELATED, "correlations are compared"),
        (classifier.ROWS, "the classifier sees"),
        (privacy.LIKE_ROWS, "distances are measured"),
    ]
    return [f"{what} on at most {most:,} rows of each side" for most, what in told if max(len(own), len(like)) > most]
