"""The blueprint of one run: where its files are, and the records that are made from them."""

from pathlib import Path

from synth_sdk.blueprint import Author, Blueprint, apply, author_for
from synth_sdk.client.blueprints import is_there, place_for, provide
from synth_sdk.client.settings import Settings
from synth_sdk.core import plugins
from synth_sdk.core.clock import today
from synth_sdk.core.errors import RequestError
from synth_sdk.core.generators import Generator, Provenance
from synth_sdk.core.models import Model
from synth_sdk.core.spec import Spec
from synth_sdk.pipeline.produce import Rest


class Expansion:
    """A blueprint that is there already, or is to be written. Raises RequestError when the wish can't have one."""

    def __init__(self, author: Author, spec: Spec, settings: Settings) -> None:
        self.author, self._spec = author, spec
        self.path: Path = place_for(author, settings, spec.blueprint_path)
        self.there = is_there(author, self.path)
        self.bought: Blueprint | None = None

    async def bring(self, model: Model) -> None:
        """Have it written if it isn't there. NoRoute or BudgetExhausted when less than a useful share of it came."""
        provided = await provide(self.author, model, self.path, today())
        self.there, self.bought = True, provided.bought

    @property
    def spec(self) -> Spec:
        """The Spec whose generator expands it, once it is there."""
        return apply(self._spec, self.path)

    def rest(self, records: int) -> Rest:
        """Who makes `records` from it; each bears an equal share of what it cost."""
        cost = self.bought.cost_micros if self.bought else 0
        models = ", ".join(self.bought.models) if self.bought else ""
        provenance = Provenance(origin="blueprint", model=models, cost_micros=cost // max(1, records))
        return Rest(build(self.spec), provenance)

    def told(self) -> str:
        """One line for people: which files, and who wrote them."""
        if self.bought is None:
            return f"blueprint {self.path}: used as it is"
        written = f"{self.bought.written} of {self.bought.parts} parts written by {', '.join(self.bought.models)}"
        return f"blueprint {self.path}: {written}; it is yours to edit, and used again as it is"


def expansion_for(spec: Spec, generator: Generator, settings: Settings) -> Expansion | None:
    """The blueprint that `spec` may have; None when its mode asks for none or, in mode auto, when there can be none."""
    if spec.mode not in ("blueprint", "auto") or (spec.mode == "auto" and not spec.spends):
        return None
    try:
        author = author_for(spec, generator.record_schema, generator)
    except RequestError:
        if spec.mode == "auto":
            return None
        raise
    if author is None and spec.mode == "blueprint":
        raise RequestError(f"kind {spec.kind!r} has no blueprints: choose mode offline or llm")
    return Expansion(author, spec, settings) if author else None


def build(spec: Spec) -> Generator:
    """The generator of `spec`."""
    generator: Generator = plugins.make("generators", spec.kind, spec)
    return generator
