"""What a comparison comes to, in a sentence or two."""

from collections.abc import Mapping
from typing import Any

_BY_AREA = ((0.6, "can hardly be told from the sample"), (0.75, "are much like the sample"), (0.9, "differ from the sample"))
_BY_DISTANCE = ((0.05, "can hardly be told from the sample"), (0.15, "are much like the sample"), (0.3, "differ from the sample"))
_PLAIN = "are plainly different from the sample"
_GRADES, _FAR = ("hardly distinguishable", "similar", "different"), "plainly different"
_SHOWN = 3
_NOTABLE = 0.1
_COPIED, _NEARER, _NEAR = 0.01, 0.25, 0.5


def grade(found: Mapping[str, Any]) -> str:
    """The same in a word or two, for a summary: hardly distinguishable, similar, different or plainly different; of whatever is made of
    copies, that it is.
    """
    if _nearness(found["privacy"]):
        return "copies of the sample"
    area = found["classifier"].get("auc")
    apart = [distance(told) for told in found["fields"].values()]
    if area is not None:
        return _word(max(area, 1 - area), tuple(zip((most for most, _ in _BY_AREA), _GRADES, strict=True)), _FAR)
    return _word(max(apart, default=1.0), tuple(zip((most for most, _ in _BY_DISTANCE), _GRADES, strict=True)), _FAR)


def verdict(found: Mapping[str, Any]) -> str:
    """How alike the two are by the classifier, or without one by the fields; what differs most; whether rows were copied."""
    ranked = sorted(((distance(told), name) for name, told in found["fields"].items()), key=lambda pair: (-pair[0], pair[1]))
    area = found["classifier"].get("auc")
    if area is not None:
        said, why = _word(max(area, 1 - area), _BY_AREA), f"classifier AUC {area:.2f}"
    else:
        worst = ranked[0][0] if ranked else 1.0
        said, why = _word(worst, _BY_DISTANCE), f"greatest distance of a field {worst:.2f}"
    parts = [f"The records {said} ({why})."]
    notable = [f"{name} ({apart:.2f})" for apart, name in ranked[:_SHOWN] if apart >= _NOTABLE]
    parts += [f"Most different: {', '.join(notable)}."] if notable else []
    return " ".join([*parts, *_nearness(found["privacy"])])


def distance(field: Mapping[str, Any]) -> float:
    """How differently a field is spread, 0 to 1: the KS statistic, or the total variation distance; nulls count too."""
    told = field.get("lengths", field)
    apart = told["ks"]["statistic"] if "ks" in told else field.get("tvd", 1.0)
    return float(max(apart, abs(field.get("null_rate_difference", 0.0))))


def _word(figure: float, scale: tuple[tuple[float, str], ...], else_: str = _PLAIN) -> str:
    return next((word for most, word in scale if figure < most), else_)


def _nearness(privacy: Mapping[str, Any]) -> list[str]:
    """Copies beyond those that the sample has of itself, and records that are nearer than chance brings them."""
    found = []
    copied = privacy.get("exact_copies", 0.0)
    if copied > _COPIED and copied > 2 * privacy.get("repeats_within_sample", 0.0):
        found.append(f"{copied:.1%} are exact copies of its rows.")
    ratio, nearer = privacy.get("ratio"), privacy.get("nearer", 0.0)
    if ratio is not None and (ratio < _NEAR or nearer > _NEARER):
        found.append(f"Records come too near to its rows: {nearer:.1%} nearer than 95 % of its rows are to each other.")
    return found
