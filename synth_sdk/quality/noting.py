"""How the figures of a profile were taken, in sentences: what was estimated, sampled or cut."""

from typing import TYPE_CHECKING

from synth_sdk.quality.buckets import Buckets
from synth_sdk.quality.correlation import MOST_FIELDS
from synth_sdk.quality.declared import Declared
from synth_sdk.quality.distinct import KEPT

if TYPE_CHECKING:
    from synth_sdk.core.measures import Measures
    from synth_sdk.quality.profile import Profile


def notes(profile: "Profile", side_by_side: int, measures: "Measures | None") -> list[str]:
    """A sentence for each figure that was estimated, sampled or cut. `side_by_side`: so many rows were compared field with field."""
    told = []
    if profile.looked_at < profile.records:
        told.append(f"fields were looked at in {profile.looked_at:,} of {profile.records:,} records{_of_what(profile, measures)}")
    if side_by_side < profile.records:
        told.append(
            f"correlations, formats other than dates, first digits and top_estimated come from {side_by_side:,} of {profile.records:,} records"
        )
    if profile.looked_at < profile.records:
        told.append("distinct_values, uniqueness and entropy_bits are estimated where distinct_estimated says so")
    elif any(one.close.digests.full for one in profile.fields.values()):
        told.append(f"distinct_values, uniqueness and entropy_bits are estimated for fields of more than {KEPT:,} values (1.6 %)")
    whose = " of those of the values looked at" if profile.looked_at < profile.records else ""
    worst = max((one.close.numbers.relative_error for one in profile.fields.values()), default=0.0)
    if worst:
        near = f"{worst:.1%}" if worst >= 0.0005 else "0.05 %"
        told.append(f"quantiles and histograms of numbers are within {near}{whose}")
    if any(one.close.moments.level for one in profile.fields.values()):
        told.append(f"quantiles and histograms of dates are within {_widest(profile)}{whose}")
    if profile.cut:
        told.append("only the first 1,000 fields by name are told of")
    if len(profile.fields) > MOST_FIELDS:
        told.append(f"correlations are of the first {MOST_FIELDS} fields that have any")
    return told


def _of_what(profile: "Profile", measures: "Measures | None") -> str:
    """Which figures are of all records all the same."""
    if measures is None:
        return ""
    nested = any(len(path) > 1 for path in profile.fields)
    return f"; count, nulls, min, max, mean, distinct and top are of all{_NESTED if nested else ''}"


_NESTED = ", but of fields within objects and lists only of those looked at"


def _widest(profile: "Profile") -> str:
    """Half the widest bucket of any field of dates."""
    facts = profile.facts()
    seconds = max(_half(one.close.moments, facts[path]) for path, one in profile.fields.items())
    for size, unit in ((86400, "days"), (3600, "hours"), (60, "minutes")):
        if seconds >= size:
            return f"{seconds / size:.1f} {unit}"
    return f"{max(seconds, 0.001):.3g} seconds"


def _half(buckets: Buckets, declared: Declared) -> float:
    return 2.0**buckets.level / 2 * (86400 if declared.moment == "date" else 1e-6) if buckets.level else 0.0
