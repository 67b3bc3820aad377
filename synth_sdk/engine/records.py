"""The offline engine: record n of a schema."""

import re
from datetime import UTC, datetime
from typing import Any

from synth_sdk.core.errors import SchemaError
from synth_sdk.core.models import Json
from synth_sdk.core.seeds import derive
from synth_sdk.core.spec import DEFAULT_START
from synth_sdk.engine.banks import check_locale
from synth_sdk.engine.dice import Dice
from synth_sdk.engine.failure import DeadEnd, Exhausted, Fuel
from synth_sdk.engine.merge import Merger
from synth_sdk.engine.scene import Scene
from synth_sdk.engine.solver import Solver, Spot
from synth_sdk.schema import Schema
from synth_sdk.schema.pointers import to_pointer

_TRIES = 30  # whole records made anew before giving up
_FUEL = 12_000  # values and branches for one record, all tries together: about two seconds


class Engine:
    """Makes the records of one schema. `record(n)` is a pure function of (schema, seed, locale, start, n).

    `locale` is one of Faker's (UnknownName otherwise). Dates lie before and after `start`, never near the day of the run.
    """

    def __init__(self, schema: Schema, seed: int = 0, locale: str = "en_US", start: datetime = DEFAULT_START) -> None:
        self.schema = schema
        self._seed = seed
        self._locale = check_locale(locale)
        self._start = start if start.tzinfo else start.replace(tzinfo=UTC)
        self._merger = Merger(schema)

    def record(self, index: int) -> Json:
        """Record `index` (from 0), valid by jsonschema's judgement with format checks on.

        SchemaError, within seconds and with keyword and pointer, if the constraints contradict each other ("unsatisfiable") or no
        valid value was found ("not supported offline").
        """
        try:
            return self._record(index)
        except RecursionError:
            raise SchemaError("not supported offline: references or subschemas are nested without end", keyword="$ref") from None
        except re.error as error:
            raise SchemaError(f"not supported offline: a pattern can't be read: {error}", keyword="pattern") from None
        except OverflowError as error:
            raise SchemaError(f"not supported offline: a number is out of range: {error}", keyword="maximum") from None

    def _record(self, index: int) -> Json:
        solver = Solver(self._merger, Fuel(_FUEL))
        root = Dice(derive(self._seed, "json", index))
        last: DeadEnd | None = None
        for turn in range(_TRIES):
            dice = root.at("@again", turn) if turn else root
            try:
                value = solver.make((self._merger.root,), Spot("", 0, Scene(dice, self._locale, self._start, index)), dice)
            except DeadEnd as end:
                last = end
                if end.certain or isinstance(end, Exhausted):
                    break
                continue
            error = next(self.schema.validator.iter_errors(value), None)
            if error is None:
                return value
            last = _refused(error)
        raise _give_up(last)


def _refused(error: Any) -> DeadEnd:
    return DeadEnd(
        f"the values made break it: {error.message[:120]}",
        pointer=to_pointer(list(error.absolute_schema_path)[:-1]),
        keyword=str(error.validator),
    )


def _give_up(end: DeadEnd | None) -> SchemaError:
    if end is None:
        return SchemaError("not supported offline: no value was found")
    verdict = "unsatisfiable" if end.certain else "not supported offline"
    return SchemaError(f"{verdict}: {end.reason}", pointer=end.pointer, keyword=end.keyword)
