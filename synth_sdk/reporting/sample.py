"""How the data compares with the sample whose shape was taken: figures of the whole, and those of each field."""

from collections.abc import Iterator, Mapping
from typing import Any

from synth_sdk.reporting.facts import verdict
from synth_sdk.reporting.reading import listing, mapping, number
from synth_sdk.reporting.words import count, figure, pairs, percent, said, title

_ALL_OF_IT = frozenset({"fields", "verdict", "grade"})
_SHARES = frozenset({"found_in_sample", "null_rate_difference"})
_KNOWN = {
    "ks": "KS distance",
    "p": "p-value",
    "tvd": "Total variation",
    "chi_square": "Chi-squared",
    "degrees": "Degrees of freedom",
}
_FEW = 0.0001


def figures(found: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The verdict and the figures of the whole, by name."""
    if concluded := verdict(found):
        yield "Verdict", concluded
    rest = {name: value for name, value in found.items() if name not in _ALL_OF_IT}
    for name, tell in _TOLD.items():
        lines = list(tell(rest.get(name)))
        yield from lines
        rest = {key: value for key, value in rest.items() if key != name or not lines}
    yield from ((name.replace("_", " "), shown) for name, shown in pairs(rest, 3))


def _rows(told: Any) -> Iterator[tuple[str, str]]:
    own, like = number(mapping(told).get("own")), number(mapping(told).get("sample"))
    if own is not None and like is not None:
        yield "Rows compared", f"{count(own)} of the records with {count(like)} of the sample"


def _classifier(told: Any) -> Iterator[tuple[str, str]]:
    area, rows, folds = (number(mapping(told).get(name)) for name in ("auc", "rows", "folds"))
    if area is not None and rows is not None and folds is not None:
        yield (
            "Classifier",
            f"AUC {area:.3f} over {count(rows)} rows in {count(folds)} folds (0.5: it can't tell them apart; 1: it always can)",
        )


def _correlation(told: Any) -> Iterator[tuple[str, str]]:
    if (apart := number(told)) is not None:
        yield "Correlation distance", f"{figure(apart)} (mean difference of two fields' correlation; 0: none)"


def _privacy(told: Any) -> Iterator[tuple[str, str]]:
    found = {name: read for name, value in mapping(told).items() if (read := number(value)) is not None}
    if {"exact_copies", "repeats_within_sample"} <= found.keys():
        repeats = percent(found["repeats_within_sample"])
        yield (
            "Exact copies",
            f"{percent(found['exact_copies'])} of the records; of the sample's own rows {repeats} stand there twice",
        )
    if {"median_distance", "median_within_sample", "nearer"} <= found.keys():
        ratio = f"; ratio {figure(found['ratio'])} (well below 1: rows were copied)" if "ratio" in found else ""
        apart = f"{figure(found['median_distance'])}, between rows of the sample {figure(found['median_within_sample'])}"
        yield "Median distance to the nearest row", apart + ratio
        yield "Nearer than 95% of the sample's rows", f"{percent(found['nearer'])} of the records (5% by chance)"


def _names(label: str) -> Any:
    def told(names: Any) -> Iterator[tuple[str, str]]:
        if listed := listing(names):
            yield label, ", ".join(map(said, listed))

    return told


_TOLD = {
    "rows": _rows,
    "classifier": _classifier,
    "correlation_distance": _correlation,
    "privacy": _privacy,
    "missing_fields": _names("Fields of the sample only"),
    "additional_fields": _names("Fields of the records only"),
    "notes": _names("Notes"),
}


def compared(found: Mapping[str, Any]) -> tuple[list[str], list[list[str]]]:
    """The columns that fields have figures in, and a row for each field, its name first."""
    return grid({name: _one_field(mapping(told)) for name, told in mapping(found.get("fields")).items()})


def _one_field(told: Mapping[str, Any]) -> dict[str, Any]:
    """A field's figures on one level: a test's statistic under the name of the test. Texts are tested by their lengths."""
    flat: dict[str, Any] = {}
    for key, value in told.items():
        inner = mapping(value)
        if key == "lengths":
            flat |= {"kind": "lengths of texts"} | _one_field(inner)
        elif "statistic" in inner:
            flat |= {key: inner["statistic"]} | {name: one for name, one in inner.items() if name != "statistic"}
        else:
            flat[key] = _share(value) if key in _SHARES else value
    if (chance := number(flat.get("p"))) is not None and 0 <= chance < _FEW:
        flat["p"] = f"under {_FEW}"
    return {key: flat[key] for key in sorted(flat, key=lambda key: (key != "kind", key in _SHARES))}


def _share(value: Any) -> Any:
    share = number(value)
    return value if share is None else f"{'-' if share < 0 else ''}{percent(abs(share))}"


def grid(told: Mapping[str, Any]) -> tuple[list[str], list[list[str]]]:
    """An object of objects as a table: the columns, and a row for each key, the key first. What is no object has a column of its own."""
    fields = {name: one if isinstance(one, Mapping) else {"value": one} for name, one in told.items()}
    found = (key for one in fields.values() for key, value in one.items() if not isinstance(value, Mapping | list))
    keys = sorted(dict.fromkeys(found), key=lambda key: key in _SHARES)
    rows = [
        [name, *(said(one[key]) if key in one and one[key] is not None else "" for key in keys)] for name, one in fields.items()
    ]
    return [_KNOWN.get(key, title(key)) for key in keys], rows
