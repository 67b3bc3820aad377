"""Records made one at a time: any schema, each record validated before it leaves."""

import re
from collections.abc import Callable
from datetime import UTC, datetime

from synth_sdk.core.errors import SchemaError
from synth_sdk.core.models import Json
from synth_sdk.core.seeds import derive
from synth_sdk.core.spec import DEFAULT_START
from synth_sdk.engine.constraints.facts import Part
from synth_sdk.engine.constraints.failure import DeadEnd, Exhausted, Fuel
from synth_sdk.engine.constraints.merge import Merger
from synth_sdk.engine.corpora.banks import check_locale
from synth_sdk.engine.dice import Dice
from synth_sdk.engine.rows.scene import Scene
from synth_sdk.engine.rows.solver import Solver, Spot
from synth_sdk.schema import Schema
from synth_sdk.schema.pointers import to_pointer

_TRIES = 30  # whole records made anew before giving up
_FUEL = 12_000  # values and branches for one record, all tries together: about two seconds


class RowEngine:
    """Makes the records of one schema. `record(n)` is a pure function of (schema, seed, locale, start, n).

    `source` is the schema, or a Merger of it whose work is to be shared. `locale` is one of Faker's (UnknownName otherwise). Dates lie before and after `start`, never near the day of the run.
    """

    def __init__(self, source: Schema | Merger, seed: int = 0, locale: str = "en_US", start: datetime = DEFAULT_START) -> None:
        self._merger = source if isinstance(source, Merger) else Merger(source)
        self.schema = self._merger.schema
        self._seed = seed
        self._locale = check_locale(locale)
        self._start = start if start.tzinfo else start.replace(tzinfo=UTC)

    def record(self, index: int) -> Json:
        """Record `index` (from 0), valid by jsonschema's judgement with format checks on.

        SchemaError, within seconds and with keyword and pointer, if the constraints contradict each other ("unsatisfiable") or no
        valid value was found ("not supported offline").
        """
        return self._clearly(lambda: self._record(index))

    def _clearly(self, make: Callable[[], Json]) -> Json:
        """The value of `make()`; what can go wrong in it as a SchemaError."""
        try:
            return make()
        except RecursionError:
            raise SchemaError("not supported offline: references or subschemas are nested without end", keyword="$ref") from None
        except re.error as error:
            raise SchemaError(f"not supported offline: a pattern can't be read: {error}", keyword="pattern") from None
        except OverflowError as error:
            raise SchemaError(f"not supported offline: a number is out of range: {error}", keyword="maximum") from None

    def part(self, parts: tuple[Part, ...], name: str, bits: int) -> Json:
        """A value for the subschemas `parts` under the property `name`, drawn from 64 random bits. SchemaError as in `record`."""

        def make(solver: Solver, scene: Scene, dice: Dice) -> Json:
            return solver.make(parts, Spot(name, 1, scene), dice)

        return self._clearly(lambda: self._made(Dice(bits), make, 0, lambda value: self._merger.is_valid(value, parts)))

    def _record(self, index: int) -> Json:
        root = Dice(derive(self._seed, "json", index))
        return self._made(root, lambda solver, scene, dice: solver.root(scene, dice), index, self.schema.accepts)

    def _made(self, root: Dice, make: Callable[[Solver, Scene, Dice], Json], index: int, accepts: Callable[[Json], bool]) -> Json:
        """The first of some tries that `accepts` likes."""
        solver = Solver(self._merger, Fuel(_FUEL))
        last: DeadEnd | None = None
        refused: Json = None
        for turn in range(_TRIES):
            dice = root.at("@again", turn) if turn else root
            try:
                value = make(solver, Scene(dice, self._locale, self._start, index), dice)
            except DeadEnd as end:
                last = end.with_traceback(None)  # else it would hold on to this frame, and the frame to it
                if end.certain or isinstance(end, Exhausted):
                    break
                continue
            if accepts(value):
                return value
            last, refused = None, value
        raise _give_up(last or _refused(self.schema, refused))


def _refused(schema: Schema, value: Json) -> DeadEnd:
    """Why the last value made was turned down."""
    error = next(schema.validator.iter_errors(value), None)
    if error is None:
        return DeadEnd("the two validators judge the values made differently", pointer="", keyword="format")
    return DeadEnd(
        f"the values made break it: {error.message[:120]}",
        pointer=to_pointer(list(error.absolute_schema_path)[:-1]),
        keyword=str(error.validator),
    )


def _give_up(end: DeadEnd) -> SchemaError:
    verdict = "unsatisfiable" if end.certain else "not supported offline"
    return SchemaError(f"{verdict}: {end.reason}", pointer=end.pointer, keyword=end.keyword)
