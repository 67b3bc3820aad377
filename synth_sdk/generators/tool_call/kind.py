"""What kinds about tools have in common, once such a kind has said how an example is drawn and recorded."""

from abc import abstractmethod
from collections.abc import Sequence
from random import Random
from types import ModuleType
from typing import Any, Generic, TypeVar

from synth_sdk.core.models import Json
from synth_sdk.core.seeds import rng
from synth_sdk.generators.offline import OfflineGenerator
from synth_sdk.generators.tool_call.bank import tools_in_words
from synth_sdk.generators.tool_call.tools import Tool
from synth_sdk.generators.written import Draft, hints

Example = TypeVar("Example")


class ToolsGenerator(OfflineGenerator, Generic[Example]):
    """`writing` is the module that words an example (`brief_of`, `words_of`, `worded`), `bank` the one of the kind's blueprint
    (`BLUEPRINT_RULES`, `blueprint_flaws`). An example is drawn from the row's random numbers, and what is left of them records it.
    """

    writing: ModuleType
    bank: ModuleType
    tools: Sequence[Tool]

    @abstractmethod
    def example(self, source: Random) -> Example:
        """What a record tells, before it has its shape."""

    @abstractmethod
    def recorded(self, row: int, example: Example, source: Random) -> Json:
        """Record `row` of `example`."""

    @abstractmethod
    def difficulty(self, example: Example) -> float:
        """A guess in 0-1 of how hard it is to word."""

    def record(self, row: int) -> Json:
        source = self._source(row)
        return self.recorded(row, self.example(source), source)

    @property
    def blueprint_rules(self) -> str:  # type: ignore[override]
        return f"{self.bank.BLUEPRINT_RULES}\nThe tools:\n{tools_in_words(self.tools)}"

    @property
    def blueprint_subjects(self) -> dict[str, list[str]]:
        """What the entries of the list of tools are about."""
        return {"tools": [tool.name for tool in self.tools]}

    def blueprint_flaws(self, value: Json) -> list[str]:
        flaws: list[str] = self.bank.blueprint_flaws(value, self.tools)
        return flaws

    def draft(self, row: int, *, retry: int = 0) -> Draft:
        """The offline record with some of its texts in a model's words."""
        example = self.example(self._source(row))

        def assemble(words: Json) -> Json:
            source = self._source(row)
            worded: Any = self.writing.worded(self.example(source), words)
            return self.recorded(row, worded, source)

        return Draft(
            brief=self.writing.brief_of(example, hints(self._spec.seed, self.kind, row, retry)),
            words=lambda: self.writing.words_of(example),
            assemble=assemble,
            partial=True,
            difficulty=self.difficulty(example),
        )

    def _source(self, row: int) -> Random:
        return rng(self._spec.seed, self.kind, row)
