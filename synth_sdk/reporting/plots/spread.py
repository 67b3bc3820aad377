"""How values are spread: histograms, commonest values, quantiles, first digits, a value in its range."""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise

from markupsafe import Markup

from synth_sdk.reporting.plots.frame import BASE, LEFT, RIGHT, ROOM, WIDTH, axis, figure, line, tick, upright
from synth_sdk.reporting.words import count, cut, percent, short

_BARS = 24
_MOST_BINS = 60
_ROW = 17  # height of a row of the commonest values
_VALUE = 20  # characters of such a value
_VALUE_WIDTH = 150


def histogram(title: str, own: Iterable[int], other: Iterable[int] = ()) -> Markup:
    """Shares of whole numbers as bars; those of a second set as a line of steps."""
    mine, theirs = Counter(own), Counter(other)
    if not mine:
        return Markup("")
    top = _reach([*mine.elements(), *theirs.elements()])
    width = max(1, -(-(top + 1) // _BARS))
    bars, steps = _shares(mine, width, top), _shares(theirs, width, top) if theirs else []
    highest = max([*bars, *steps])
    step = (WIDTH - LEFT - RIGHT) / len(bars)
    parts = [axis(f"{highest:.0%}")]
    for i, share in enumerate(bars):
        label = f"{i * width}" if width == 1 else f"{i * width}-{i * width + width - 1}"
        parts.append(upright(LEFT + i * step, step, share / highest, f"{label}: {share:.1%}"))
    if steps:
        parts.append(_steps([share / highest for share in steps], step))
    every = max(1, -(-len(bars) // 8))
    parts += [tick(LEFT + (i + 0.5) * step, str(i * width)) for i in range(0, len(bars), every)]
    return figure(title, parts)


def _reach(values: Sequence[int]) -> int:
    """Where the last bar stands: the 99th percentile, so that a single long turn doesn't flatten all others."""
    ordered = sorted(values)
    return max(1, ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)])


def _shares(counts: Counter[int], width: int, top: int) -> list[float]:
    bins = [0] * (top // width + 1)
    for value, size in counts.items():
        bins[min(value, top) // width] += size
    return [size / counts.total() for size in bins]


def _steps(shares: list[float], step: float) -> Markup:
    points = [(LEFT + (i + side) * step, BASE - ROOM * share) for i, share in enumerate(shares) for side in (0, 1)]
    return line(points)


def binned(title: str, edges: Sequence[object], counts: Sequence[float], note: str = "", label: str = "") -> Markup:
    """Counts between edges: one more edge than counts, each bin a slot of the same width. Many bins are drawn several to a slot."""
    edges, counts = _gathered(edges, counts)
    highest, total = max(counts), sum(counts)
    whole = all(isinstance(edge, float) and edge % 1 == 0.5 for edge in edges)
    step = (WIDTH - LEFT - RIGHT) / len(counts)
    parts = [axis(percent(highest / total))]
    for i, ((low, high), size) in enumerate(zip(pairwise(edges), counts, strict=True)):
        parts.append(
            upright(
                LEFT + i * step, step, size / highest, f"{_between(low, high, whole)}: {count(size)} ({percent(size / total)})"
            )
        )
    labels = _ends(edges, whole)
    places = sorted({0, len(counts) // 2, len(counts)})
    anchors = ["start", *["middle"] * (len(places) - 2), "end"]
    parts += [tick(LEFT + i * step, labels[i], anchor) for i, anchor in zip(places, anchors, strict=True)]
    return figure(title, parts, note=note, label=label)


def _between(low: object, high: object, whole: bool) -> str:
    """What lies in a bin; of whole numbers the first and the last, not the edges half-way between."""
    if not (whole and isinstance(low, float) and isinstance(high, float)):
        return f"{_end(low)} to {_end(high)}"
    return _end(low + 0.5) if high - low == 1 else f"{_end(low + 0.5)} to {_end(high - 0.5)}"


def _gathered(edges: Sequence[object], counts: Sequence[float]) -> tuple[Sequence[object], Sequence[float]]:
    size = -(-len(counts) // _MOST_BINS)
    places = range(0, len(counts), size)
    return [*(edges[i] for i in places), edges[-1]], [sum(counts[i : i + size]) for i in places]


def _ends(edges: Sequence[object], whole: bool) -> list[str]:
    """What stands beneath the axis: of moments the day, or the time of a day that all are of."""
    numbers = [edge for edge in edges if isinstance(edge, float)]
    if whole:
        return [*(_end(edge + 0.5) for edge in numbers[:-1]), _end(numbers[-1] - 0.5)]
    if not all(isinstance(edge, str) for edge in edges):
        return [_end(edge) for edge in edges]
    days = {str(edge)[:10] for edge in edges}
    return [str(edge)[11:19] or str(edge) if len(days) == 1 else str(edge)[:10] for edge in edges]


def _end(edge: object) -> str:
    return short(edge) if isinstance(edge, int | float) else cut(str(edge), 20)


def ranked(title: str, values: Sequence[tuple[str, float]], total: float, note: str = "", label: str = "") -> Markup:
    """The commonest values as lying bars with their shares of `total`, the first one's bar the longest."""
    highest = max((size for _, size in values), default=0) or 1
    room = WIDTH - _VALUE_WIDTH - 52
    parts = []
    for i, (value, size) in enumerate(values):
        share = percent(size / total) if total else ""
        parts.append(
            Markup(
                '<g><title>{told}</title><text class="name" x="{edge}" y="{text:.1f}" text-anchor="end">{value}</text>'
                '<rect class="bar" x="{x}" y="{y:.1f}" width="{width:.1f}" height="11"/>'
                '<text class="tick" x="{end:.1f}" y="{text:.1f}">{share}</text></g>'
            ).format(
                told=f"{cut(value, 200)}: {count(size)} ({share})", value=cut(value, _VALUE), share=share, edge=_VALUE_WIDTH - 6,
                x=_VALUE_WIDTH, y=i * _ROW + 3, text=i * _ROW + 12.5, width=room * size / highest,
                end=_VALUE_WIDTH + room * size / highest + 5,
            )
        )  # fmt: skip
    return figure(title, parts, height=max(len(values), 1) * _ROW + 4, note=note, label=label)


def quantile_bar(quantiles: Sequence[tuple[float, float]]) -> Markup:
    """Quantiles, pairs of a share and a value, as ticks on a line between the first and the last; the middle half as a band."""
    low, high = min(value for _, value in quantiles), max(value for _, value in quantiles)
    span = (high - low) or 1

    def place(value: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * (value - low) / span

    middle = [value for share, value in quantiles if share in (0.25, 0.75)]
    band = Markup("")
    if len(middle) == 2:
        band = Markup('<rect class="band" x="{:.1f}" y="3" width="{:.1f}" height="10" rx="2"/>').format(
            place(min(middle)), max(place(max(middle)) - place(min(middle)), 1.5)
        )
    ticks = (
        Markup('<g><title>{}</title><rect class="mark" x="{:.1f}" y="2" width="1.6" height="12"/></g>').format(
            f"{share * 100:.4g}%: {short(value)}", place(value) - 0.8
        )
        for share, value in quantiles
    )
    told = ", ".join(f"{share * 100:.4g}% {short(value)}" for share, value in quantiles)
    head = Markup('<svg class="quantiles" viewBox="0 0 {} 16" role="img" aria-label="quantiles: {}">').format(WIDTH, told)
    rail = Markup('<line class="axis" x1="{}" y1="8" x2="{}" y2="8"/>').format(LEFT, WIDTH - RIGHT)
    return head + rail + band + Markup("").join(ticks) + Markup("</svg>")


def benford(title: str, digits: Sequence[tuple[float, float]], label: str = "") -> Markup:
    """Shares of the first digits 1 to 9 as bars, those that the law expects as a line."""
    highest = max(share for pair in digits for share in pair) or 1
    step = (WIDTH - LEFT - RIGHT) / len(digits)
    parts = [axis(percent(highest))]
    for i, (share, law) in enumerate(digits):
        parts.append(upright(LEFT + i * step, step, share / highest, f"{i + 1}: {percent(share)}, expected {percent(law)}"))
        parts.append(tick(LEFT + (i + 0.5) * step, str(i + 1)))
    parts.append(line([(LEFT + (i + 0.5) * step, BASE - ROOM * law / highest) for i, (_, law) in enumerate(digits)]))
    return figure(title, parts, note="the line is Benford's law", label=label)


def range_bar(value: float, low: float, high: float, inside: bool) -> Markup:
    """The human range as a band on a line, the value as a mark."""
    width, height, edge = 220, 18, 6
    first, last = min(low, value), max(high, value)
    span = (last - first) or 1

    def place(at: float) -> float:
        return edge + (width - 2 * edge) * (at - first) / span

    band = max(place(high) - place(low), 1.5)
    return Markup(
        '<svg class="range" viewBox="0 0 {w} {h}" role="img" aria-label="{told}"><line class="axis" x1="{e}" y1="9" x2="{r}" y2="9"/>'
        '<rect class="band" x="{x:.1f}" y="5" width="{b:.1f}" height="8" rx="2"/><circle class="{c}" cx="{v:.1f}" cy="9" r="4.5"/></svg>'
    ).format(
        w=width, h=height, e=edge, r=width - edge, x=place(low), b=band, v=place(value),
        c="in" if inside else "out", told=f"{value:.3g}, human range {low:.3g} to {high:.3g}",
    )  # fmt: skip
