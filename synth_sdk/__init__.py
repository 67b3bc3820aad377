"""synth: realistic synthetic data - conversations, tool calls, any structured data - offline or within a hard budget."""

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
__all__ = ["Plan", "Report", "Result", "Spec", "Synth", "SynthError", "__version__"]

if TYPE_CHECKING:
    from synth_sdk.client import Plan, Report, Result, Spec, Synth
    from synth_sdk.core.errors import SynthError


def __getattr__(name: str) -> Any:
    """Load the public names when first asked for: `import synth_sdk` stays light."""
    if name == "SynthError":
        from synth_sdk.core.errors import SynthError

        return SynthError
    if name in __all__:
        import synth_sdk.client

        return getattr(synth_sdk.client, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
