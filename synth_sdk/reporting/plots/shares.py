"""Parts of a whole as bars that fill a table's cell or the page's width."""

from collections.abc import Sequence

from markupsafe import Markup

_HUNDRED = Markup('<svg class="{}" viewBox="0 0 100 10" preserveAspectRatio="none" role="img" aria-label="{}">')


def bar(share: float, told: str) -> Markup:
    """A bar over `share` of the width, 0 to 1, a hair wide where the share is nearly nothing."""
    return (_HUNDRED + Markup('<rect class="bar" width="{:.2f}" height="10"><title>{}</title></rect></svg>')).format(
        "part", told, min(max(share * 100, 0.5), 100), told
    )


def stacked(told: str, parts: Sequence[tuple[str, float, str]]) -> Markup:
    """One bar of parts: for each its class, its share of the whole, and its title."""
    drawn, at = [], 0.0
    for css, share, title in parts:
        drawn.append(
            Markup('<rect class="{}" x="{:.2f}" width="{:.2f}" height="10"><title>{}</title></rect>').format(
                css, at, share * 100, title
            )
        )
        at += share * 100
    return _HUNDRED.format("stack", told) + Markup("").join(drawn) + Markup("</svg>")
