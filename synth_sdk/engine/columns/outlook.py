"""A look at the merged facts before any sampler is built: can the schema be made in columns at all?

Building samplers costs more than merging, and what was merged here serves whoever makes the records. What passes may still turn
out impossible later, for a pattern or a bound.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence

from synth_sdk.engine.columns.failure import NotColumnarError
from synth_sdk.engine.constraints.facts import Facts, Part
from synth_sdk.engine.constraints.merge import Merger
from synth_sdk.schema.annotations import KEYWORD

MOST_BY_ROWS = 0.34  # of the properties of a record: if more have to be made a row at a time, all are
_MOST_PLACES = 400  # looked at below one property
Parts = tuple[Part, ...]


class Outlook:
    """Looks at the schema behind `merger`. `settle` merges in the choices that leave no choice but null; `names` gives the declared
    properties of an object, or raises NotColumnarError.
    """

    def __init__(
        self, merger: Merger, settle: Callable[[Facts], tuple[Facts, bool]], names: Callable[[Facts], list[str]]
    ) -> None:
        self._merger, self._settle, self._names = merger, settle, names

    def check(self, *, by_rows: bool) -> None:
        """NotColumnarError for a schema that can't be made in columns; with `by_rows` a few of its properties may be so."""
        root = self._settled(self._merger.facts((self._merger.root,)))
        inner = list(self._inner(root))
        most = len(inner) * MOST_BY_ROWS if by_rows and root.likely_types() == ("object",) else 0
        blocked = 0
        for parts in inner:
            try:
                self._look_below(parts)
            except NotColumnarError:
                blocked += 1
                if blocked > most:
                    raise

    def _look_below(self, parts: Parts) -> None:
        """Level by level, so that what stands near is met first."""
        waiting, seen = deque([parts]), {parts}
        while waiting and len(seen) < _MOST_PLACES:
            for inner in self._inner(self._settled(self._merger.facts(waiting.popleft()))):
                if inner not in seen:
                    seen.add(inner)
                    waiting.append(inner)

    def _settled(self, facts: Facts) -> Facts:
        facts, _ = self._settle(facts)
        if facts.dead or facts.residual or facts.choices:
            raise NotColumnarError("alternatives")
        return facts

    def _inner(self, facts: Facts) -> Iterator[Parts]:
        """The subschemas of properties and items. Those under an annotation or beside an enum don't count."""
        kinds = _kinds(facts)
        if facts.enum is not None:
            return
        if len(kinds) > 1:
            raise NotColumnarError("several types")
        if KEYWORD in facts.hints:
            return
        if kinds == ["object"]:
            yield from self._properties(facts)
        elif kinds == ["array"]:
            yield self._items(facts)

    def _properties(self, facts: Facts) -> Iterator[Parts]:
        for name in self._names(facts):
            parts = self._merger.property_parts(facts, name)
            if name in facts.required or not (parts and self._merger.facts(parts).dead):
                yield parts

    def _items(self, facts: Facts) -> Parts:
        parts = self._merger.item_parts(facts, 0)
        if facts.contains or self._merger.prefix_length(facts) or any(part.schema is False for part in parts):
            raise NotColumnarError("items by place")
        return parts


def _kinds(facts: Facts) -> Sequence[str]:
    return [kind for kind in facts.likely_types() if kind != "null"]
