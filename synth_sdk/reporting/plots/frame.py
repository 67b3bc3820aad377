"""What plots share: the measures of the drawing, axes, bars and the figure around them."""

from collections.abc import Iterable, Sequence

from markupsafe import Markup, escape

WIDTH, HEIGHT = 360, 130
LEFT, BOTTOM, RIGHT, TOP = 46, 22, 8, 8
BASE = HEIGHT - BOTTOM
ROOM = BASE - TOP  # height of the highest bar


def figure(
    title: str, parts: Iterable[Markup], width: int = WIDTH, height: int = HEIGHT, note: str = "", label: str = ""
) -> Markup:
    """The parts under their title, in a drawing that grows with the page. `label` tells those who don't see it what it shows."""
    head = Markup('<figure><figcaption>{}{}</figcaption><svg viewBox="0 0 {} {}" role="img" aria-label="{}">').format(
        title, Markup('<span class="soft">, {}</span>').format(note) if note else "", width, height, label or title
    )
    return head + Markup("").join(map(escape, parts)) + Markup("</svg></figure>")


def axis(highest: str, left: float = LEFT) -> Markup:
    """The line that bars stand on, with what the top of the drawing means."""
    return Markup(
        '<line class="axis" x1="{left}" y1="{base}" x2="{right}" y2="{base}"/>'
        '<text class="tick" x="{edge}" y="14" text-anchor="end">{highest}</text>'
        '<text class="tick" x="{edge}" y="{base}" text-anchor="end">0</text>'
    ).format(left=left, right=WIDTH - RIGHT, edge=left - 4, base=BASE, highest=highest)


def upright(x: float, step: float, share: float, told: str) -> Markup:
    """A bar of `share` of the highest one's height, in a slot of `step` that begins at `x`."""
    height = ROOM * share
    return Markup('<rect class="bar" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"><title>{}</title></rect>').format(
        x + 0.5, BASE - height, max(step - 1, 0.5), height, told
    )


def tick(x: float, label: str, anchor: str = "middle") -> Markup:
    return Markup('<text class="tick" x="{:.1f}" y="{}" text-anchor="{}">{}</text>').format(x, HEIGHT - 8, anchor, label)


def line(points: Sequence[tuple[float, float]], css: str = "other") -> Markup:
    return Markup('<polyline class="{}" points="{}"/>').format(css, " ".join(f"{x:.1f},{y:.1f}" for x, y in points))
