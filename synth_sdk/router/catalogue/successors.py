"""Names of models that are no longer served, and the arms that stand in for them today (`successors.yaml`)."""

import re
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from synth_sdk.router.catalogue.files import parse

_FILE = "successors.yaml"
_VERSION = re.compile(r"-(?:latest|preview|exp|v\d+|\d{3,4}(?:-preview)?|\d{8}|\d{4}-\d\d-\d\d)$")


def successors(name: str) -> Sequence[str]:
    """The arms that stand in for `name`, the one to be preferred first; none for a name that isn't a retired model's."""
    folded = name.strip().casefold().replace(".", "-")
    known = _by_name()
    return known.get(folded) or known.get(_VERSION.sub("", folded), ())


@cache
def _by_name() -> dict[str, Sequence[str]]:
    document = next(parse(files(__package__).joinpath(_FILE).read_text("utf-8"), _FILE))
    return {name.replace(".", "-"): tuple(arms) for name, arms in document["successors"].items()}
