"""Workflows by name: what makes records, registered once and run whenever something asks for it. Needs no library.

The adapter has the interface of agentic-synth's AgenticRoboticsAdapter. For schedules, retries and a user interface see the sister
modules `prefect` and `airflow`.
"""

from collections.abc import Callable, Mapping
from inspect import isawaitable
from typing import Any

from synth_sdk.client import Synth
from synth_sdk.core.errors import RequestError, UnknownName
from synth_sdk.integrations.loops import run_apart

Workflow = Callable[..., Any] | Mapping[str, Any] | str


class AgenticRoboticsAdapter:
    """A registry of workflows.

    A workflow is a function (an async one too), a wish as a mapping of options with its `kind`, or the name of a kind. A wish with an
    `output` is written there and gives a report, any other gives a result, both made with `synth`.
    """

    def __init__(self, synth: Synth | None = None) -> None:
        self._synth = synth
        self._workflows: dict[str, Workflow] = {}

    def is_available(self) -> bool:
        """Always: nothing else is needed."""
        return True

    @property
    def workflows(self) -> list[str]:
        """The names that are registered."""
        return sorted(self._workflows)

    def register_workflow(self, name: str, generator: Workflow) -> None:
        """Make `generator` known as `name`; an earlier one of that name is replaced."""
        if not isinstance(name, str) or not name.strip():
            raise RequestError(f"workflow {name!r}: give it a name")
        if not (callable(generator) or isinstance(generator, str | Mapping)):
            raise RequestError(
                f"workflow {name!r}: must be a function, a mapping of options or a kind, not {type(generator).__name__}"
            )
        if isinstance(generator, Mapping) and "kind" not in generator:
            raise RequestError(f"workflow {name!r}: its options name no kind")
        self._workflows[name] = generator

    def trigger_workflow(self, name: str, **options: Any) -> Any:
        """Run the workflow called `name`; `options` are arguments of its function, or win over those of its wish."""
        if name not in self._workflows:
            raise UnknownName("workflow", name, self._workflows)
        workflow = self._workflows[name]
        if isinstance(workflow, str):
            return self._make({"kind": workflow, **options})
        if isinstance(workflow, Mapping):
            return self._make({**workflow, **options})
        made = workflow(**options)
        return run_apart(_result(made)) if isawaitable(made) else made

    def _make(self, wish: dict[str, Any]) -> Any:
        self._synth = self._synth or Synth()
        kind = wish.pop("kind")
        return self._synth.write(wish.pop("output"), kind, **wish) if wish.get("output") else self._synth.generate(kind, **wish)


async def _result(awaitable: Any) -> Any:
    return await awaitable


_of_this_process = AgenticRoboticsAdapter()
register_workflow = _of_this_process.register_workflow
trigger_workflow = _of_this_process.trigger_workflow
