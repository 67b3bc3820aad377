"""Correlations as a heat map."""

from collections.abc import Sequence

from markupsafe import Markup

from synth_sdk.reporting.plots.frame import figure
from synth_sdk.reporting.words import cut

_NAMES = 150  # width of the names at the left
_WIDTH = 560
_LARGEST_CELL = 44
_DEEP = 0.6  # the colour of a cell is so deep that what is written in it needs that of the ground
_WRITTEN = 12  # at most so many fields have their values written in the cells


def heat_map(title: str, names: Sequence[str], rows: Sequence[Sequence[float | None]]) -> Markup:
    """A square matrix of values from -1 to 1: one colour for each sign, deeper the farther from 0. Columns are numbered as the rows are."""
    cell = min(_LARGEST_CELL, (_WIDTH - _NAMES) / len(names))
    parts = [_name(i, name, cell) for i, name in enumerate(names)]
    for i, row in enumerate(rows):
        for j, value in enumerate(row):
            parts.append(_cell(j, i, cell, value, f"{cut(names[i], 60)} and {cut(names[j], 60)}: "))
            if len(names) <= _WRITTEN and value is not None:
                parts.append(_written(j, i, cell, value))
    return figure(title, parts, width=round(_NAMES + cell * len(names) + 4), height=round(cell * len(names) + 24))


def _name(i: int, name: str, cell: float) -> Markup:
    middle = 20 + (i + 0.5) * cell
    return Markup(
        '<text class="name" x="{}" y="{:.1f}" text-anchor="end">{}</text><text class="tick" x="{:.1f}" y="14" text-anchor="middle">{}</text>'
    ).format(_NAMES - 6, middle + 4, f"{cut(name, 22)} {i + 1}", _NAMES + (i + 0.5) * cell, i + 1)


def _cell(x: int, y: int, cell: float, value: float | None, told: str) -> Markup:
    strength = min(abs(value or 0), 1)
    return Markup(
        '<rect class="{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" fill-opacity="{:.2f}"><title>{}</title></rect>'
    ).format(
        "missing" if value is None else "minus" if value < 0 else "plus",
        _NAMES + x * cell, 20 + y * cell, cell - 1, cell - 1, 1 if value is None else 0.04 + 0.8 * strength,
        told + ("unknown" if value is None else f"{value:.2f}"),
    )  # fmt: skip


def _written(x: int, y: int, cell: float, value: float) -> Markup:
    said = f"{value:.2f}".replace("0.", ".").replace("1.00", "1").replace("-.00", ".00")
    return Markup('<text class="{}" x="{:.1f}" y="{:.1f}" text-anchor="middle">{}</text>').format(
        "cell deep" if abs(value) >= _DEEP else "cell", _NAMES + (x + 0.5) * cell, 20 + (y + 0.5) * cell + 4, said
    )
