"""Who writes the wishes of a request: the built-in templates, or any list of tools."""

from collections.abc import Sequence

from synth_sdk.core.errors import RequestError
from synth_sdk.core.spec import Spec
from synth_sdk.generators.tool_call.any_tools import AnyTools
from synth_sdk.generators.tool_call.ask import Author
from synth_sdk.generators.tool_call.templates import template
from synth_sdk.generators.tool_call.tools import read_tools

DEFAULT = "search"


def authors(spec: Spec, default: Sequence[str]) -> list[Author]:
    """The author of `--constraint tools=FILE` or `tool=NAME`; without either those of the templates in `default`."""
    file, name = spec.constraints.get("tools"), spec.constraints.get("tool")
    if file and name:
        raise RequestError(f"constraints tool={name!r} and tools={file!r}: give one of them")
    if file:
        return [AnyTools(read_tools(file), spec)]
    return [template(known) for known in ([name] if name else default)]
