"""What is looked at in the records of one run beyond their schema: compliance, what they are like, how near they come to a sample."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from itertools import islice
from typing import Any, cast

from synth_sdk.client.complying import NOTHING_ASKED, Complying, comply
from synth_sdk.client.likeness import Likeness
from synth_sdk.client.settings import Settings
from synth_sdk.client.tally import Tally
from synth_sdk.core.batches import Batch
from synth_sdk.core.errors import SynthError
from synth_sdk.core.generators import Generator
from synth_sdk.core.models import Json
from synth_sdk.core.spec import Spec
from synth_sdk.pipeline.blocks import Block, Encoded, Part, delivered
from synth_sdk.pipeline.inspection import Inspected, Inspection, TableKeys
from synth_sdk.pipeline.offline import Work
from synth_sdk.pipeline.rules import Rules

_SHOWN = 5  # records to read in a report


class Examination:
    """Built before the first record; RequestError for what can't be asked of them. `spec` is what they are made from; `keys` those of a table
    of a set.
    """

    def __init__(self, spec: Spec, generator: Generator, settings: Settings, keys: TableKeys | None = None) -> None:
        self._wanted, self._keys = spec, keys
        self._complying: Complying = comply(spec, generator, settings.env)
        self._likeness = Likeness.of(spec) if spec.like is not None else None
        self._shown: list[Json] = []
        self.spec = self._complying.spec

    @property
    def warnings(self) -> Sequence[str]:
        return [*self._complying.warnings, *(self._likeness.warnings if self._likeness else ())]

    @property
    def told(self) -> str:
        """A line for people about compliance."""
        return self._complying.told

    @property
    def profiles(self) -> bool:
        """The report tells what the records are like."""
        return self._wanted.profiled or self._wanted.report is not None or self._likeness is not None

    @cached_property
    def inspection(self) -> Inspection:
        """What becomes of each batch before it is delivered."""
        return Inspection(guard=self._complying.guard, profiled=self.profiles, keys=self._keys)

    def looking(self, work: Work) -> Work:
        """`work`, which looks at what it makes; what isn't measured isn't profiled either."""
        measured = work.inspection.measured
        wanted = replace(self.inspection, measured=measured, profiled=self.profiles and measured)
        return cast(Work, replace(cast(Any, work), inspection=wanted))

    def guarding(self, rules: Rules) -> Rules:
        """`rules`, and that no record is a copy of one of the sample."""
        return rules.and_also("no_copy", self._likeness.no_copy) if self._likeness else rules

    def show(self, block: Block) -> None:
        """Keep the first records for the report."""
        missing = _SHOWN - len(self._shown)
        if self.profiles and missing > 0 and not isinstance(block.content, Encoded | Part):
            self._shown += islice(block.content.records(), missing)

    def check(self, tally: Tally) -> None:
        """SynthError for records that a strict run may not deliver."""
        if lines := self._complying.broken(tally.known.findings):
            raise SynthError(f"compliance: {'; '.join(lines)}; no file, table or object was written")

    def report(self, tally: Tally, generator: Generator) -> dict[str, Any]:
        """Its parts of a report."""
        profile = tally.known.profile
        sample = profile.sample() if profile and (self._complying.asked or self._likeness) else None
        told: dict[str, Any] = {"compliance": self._complying.report(tally.known.findings, sample)}
        if profile is None:
            return told
        with tally.stages.timed("metrics"):
            quality = profile.metrics(tally.measures)
            if self._likeness and sample is not None:
                quality["against_sample"] = self._likeness.compare(sample)
        if self._likeness:
            told["compliance"] = NOTHING_ASKED | told["compliance"] | {"privacy": self._likeness.privacy()}
        return told | {"quality": quality, "records": self._shown or self._made_again(generator, tally)}

    def _made_again(self, generator: Generator, tally: Tally) -> list[Json]:
        """The first records, where they left as bytes."""
        if not tally.delivered:
            return []
        rows = range(min(_SHOWN, self._wanted.count))
        batch: Batch = self.inspection(generator, generator.batch(rows), 0, Inspected())
        return list(delivered(generator, batch).records())


def fields_told(schema: Json) -> str:
    """How many fields a schema has, and of what types: what was identified."""
    properties = schema.get("properties") if isinstance(schema, dict) else None
    if not isinstance(properties, dict):
        return "records of no fixed fields"
    kinds: dict[str, int] = {}
    for node in properties.values():
        name = _kind(node)
        kinds[name] = kinds.get(name, 0) + 1
    told = ", ".join(f"{count} {name}" for name, count in sorted(kinds.items(), key=lambda pair: (-pair[1], pair[0])))
    return f"{len(properties)} field{'s' if len(properties) != 1 else ''}: {told}"


def _kind(node: Json) -> str:
    """The format of a field, else its type."""
    if not isinstance(node, dict):
        return "any"
    named = node.get("format") or node.get("type") or ("enum" if "enum" in node else "any")
    return str(next((name for name in named if name != "null"), "null") if isinstance(named, list) else named)
