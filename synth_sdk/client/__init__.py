"""The friendly face, and the only place where parts are wired together and configuration is read."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from synth_sdk.client.result import Result as Result
    from synth_sdk.client.synth import Synth as Synth
    from synth_sdk.core.spec import Spec as Spec
    from synth_sdk.pipeline.report import Report as Report
    from synth_sdk.planner.plan import Plan as Plan

_HOMES = {
    "Plan": "synth_sdk.planner.plan",
    "Report": "synth_sdk.pipeline.report",
    "Result": "synth_sdk.client.result",
    "Spec": "synth_sdk.core.spec",
    "Synth": "synth_sdk.client.synth",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
