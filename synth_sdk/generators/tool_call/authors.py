"""Who writes the wishes of a request: the built-in templates, or any list of tools."""

from collections.abc import Mapping, Sequence
from typing import Any

from synth_sdk.core.errors import RequestError
from synth_sdk.core.spec import Spec
from synth_sdk.generators.tool_call.any_tools import AnyTools
from synth_sdk.generators.tool_call.ask import Author
from synth_sdk.generators.tool_call.templates import template
from synth_sdk.generators.tool_call.tools import Tool, read_tools

DEFAULT = "search"


def declared_tools(spec: Spec, default: Sequence[str]) -> list[Tool]:
    """The tools of `--constraint tools=FILE` or `tool=NAME`; without either those of the templates in `default`."""
    file, name = spec.constraints.get("tools"), spec.constraints.get("tool")
    if file and name:
        raise RequestError(f"constraints tool={name!r} and tools={file!r}: give one of them")
    if file:
        return read_tools(file)
    tools = [tool for known in ([name] if name else default) for tool in template(known).tools]
    return list({tool.name: tool for tool in tools}.values())


def authors(spec: Spec, default: Sequence[str], banks: Mapping[str, Any]) -> list[Author]:
    """Who writes for these tools: the templates' own author for each, one for all tools of a file - and one for all whose wordings and
    values a blueprint has (`banks`)."""
    if "tools" in spec.constraints or banks.get("tools"):
        return [AnyTools(declared_tools(spec, default), spec, banks)]
    name = spec.constraints.get("tool")
    return [template(known) for known in ([name] if name else default)]
