"""Kinds whose records are made one at a time, from wordings of their own. A kind that names a `writing_schema` is written by models too."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from functools import cached_property

from synth_sdk.core.batches import Batch, Records
from synth_sdk.core.errors import RequestError
from synth_sdk.core.models import Json, Request
from synth_sdk.core.spec import Spec
from synth_sdk.generators.banks import check_blueprint, shape_flaws
from synth_sdk.generators.constraints import Convert, check_keys
from synth_sdk.generators.written import EXAMPLE_SEED, Desk, Draft, hints, initials

_EXAMPLES = 9  # offline records among which the worked example is chosen


class OfflineGenerator(ABC):
    """The part of the Generator protocol that such kinds share. They take neither schema nor pack.

    For models a kind names `writing_schema`, what they write of a record, and `writing_rules`, what they are told; by default that
    is the whole record, led by the features of its offline twin. `draft` says it in the kind's own way. For blueprints it names a
    `blueprint_schema` and the `blueprint_rules` that a model is told.
    """

    kind: str
    constraint_keys: frozenset[str]
    record_schema: Json
    convert: Convert | None = None
    rows_per_batch = 256
    writing_schema: Json = None
    writing_rules: str = ""
    blueprint_schema: Json = None
    blueprint_rules: str = ""

    def __init__(self, spec: Spec) -> None:
        check_keys(self.kind, spec.constraints, self.constraint_keys)
        for name, given in (("schema", spec.document), ("pack", spec.pack)):
            if given is not None:
                raise RequestError(f"a {name} doesn't fit kind {self.kind!r}: leave --{name} out, or choose another kind")
        if spec.blueprint is not None and self.blueprint_schema is None:
            raise RequestError(f"a blueprint doesn't fit kind {self.kind!r}: its records are made without one")
        self._spec = spec

    @abstractmethod
    def record(self, row: int) -> Json:
        """Record `row`: a pure function of the Spec and the number."""

    @abstractmethod
    def features(self, record: Json) -> Mapping[str, str | float | bool | None]:
        """What the distribution analysis counts."""

    def batch(self, rows: range) -> Batch:
        return Records([self.record(row) for row in rows])

    def request(self, index: int, retry: int) -> Request | None:
        return self._desk.request(index, retry) if self.writing_schema is not None else None

    def said(self, record: Json) -> str | None:
        """The words of the record, by which near-duplicates are judged; None where repeats are legitimate."""
        return None

    def draft(self, row: int, *, retry: int = 0) -> Draft:
        """The whole record, with the features of the offline one for a lead."""
        record = self.record(row)
        told = ", ".join(f"{name} {value}" for name, value in self.features(record).items())
        letters = initials(hints(self._spec.seed, self.kind, row, retry))
        return Draft(
            brief=f"Record {row + 1}: {told}. Where names occur: {letters}.", words=lambda: record, assemble=lambda words: words
        )

    def blueprint_flaws(self, value: Json) -> list[str]:
        """What stands in the way of expanding `value`, which a model or a person wrote; [] when nothing does."""
        return shape_flaws(value, self.blueprint_schema)

    def _blueprint(self) -> Mapping[str, Json]:
        """The checked blueprint of the Spec; {} if there is none."""
        return check_blueprint(self.kind, self._spec.blueprint, self.blueprint_flaws)

    @cached_property
    def _desk(self) -> Desk:
        return Desk(self, self._spec, type(self).record_schema, self._example)

    def _example(self) -> Draft:
        """A record of a seed of its own, from the built-in wordings: of a few the one of middling length."""
        other = type(self)(self._spec.model_copy(update={"seed": EXAMPLE_SEED, "blueprint": None, "dialect": None}))
        drafts = [other.draft(row) for row in range(_EXAMPLES)]
        return sorted(drafts, key=lambda draft: len(str(draft.words())))[_EXAMPLES // 2]
