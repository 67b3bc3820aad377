"""synth: realistic synthetic data - conversations, tool calls, any structured data - offline or within a hard budget."""

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
__all__ = [
    "CustomGenerator",
    "Plan",
    "Report",
    "Result",
    "Spec",
    "Synth",
    "SynthError",
    "__version__",
    "generator",
    "register",
    "rule",
]
_HOMES = {
    "CustomGenerator": "synth_sdk.generators.custom",
    "SynthError": "synth_sdk.core.errors",
    "generator": "synth_sdk.generators.custom",
    "register": "synth_sdk.core.plugins",
    "rule": "synth_sdk.core.rules",
}

if TYPE_CHECKING:
    from synth_sdk.client import Plan, Report, Result, Spec, Synth
    from synth_sdk.core.errors import SynthError
    from synth_sdk.core.plugins import register
    from synth_sdk.core.rules import rule
    from synth_sdk.generators.custom import CustomGenerator, generator


def __getattr__(name: str) -> Any:
    """Load the public names when first asked for: `import synth_sdk` stays light."""
    if name in __all__:
        from importlib import import_module

        return getattr(import_module(_HOMES.get(name, "synth_sdk.client")), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
