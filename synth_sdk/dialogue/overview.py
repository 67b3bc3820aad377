"""Packs for people to choose from and to read: a line about each, a page about one, and the start of a new one."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from synth_sdk.core.errors import OutputError, RequestError
from synth_sdk.dialogue.loading.including import languages_of
from synth_sdk.dialogue.loading.loader import builtin_packs, load_pack, main_file, whole_pack
from synth_sdk.dialogue.model import Act, Fault, Goal, Persona, Tool

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")
_STARTER = Path(__file__).parent / "starter.yaml"


def pack_rows() -> list[dict[str, Any]]:
    """One row for each installed pack: name, languages, number of goals, description. A flawed one has an `error` instead."""
    return [_row(name) for name in builtin_packs()]


def _row(name: str) -> dict[str, Any]:
    try:
        main = main_file(name)
        goals = main.get("goals") or whole_pack(name).get("goals") or {}
        languages = list(languages_of(main))
    except RequestError as error:
        return {"name": name, "languages": [], "goals": 0, "description": "", "error": error.message}
    return {"name": name, "languages": languages, "goals": len(goals), "description": str(main.get("description", ""))}


def pack_page(name: str) -> dict[str, Any]:
    """All about one pack, as plain data."""
    pack = load_pack(name)
    return {
        "name": pack.name,
        "version": pack.version,
        "languages": list(pack.languages),
        "description": pack.description,
        "goals": [_goal(goal) for goal in pack.goals],
        "personas": [_person(person) for person in pack.personas],
        "agents": [_person(person) for person in pack.agents],
        "faults": [_fault(fault) for fault in pack.faults],
        "tools": [_tool(tool) for tool in pack.tools.values()],
        "acts": [_act(act) for act in pack.acts.values()],
        "frames": sum(len(act.frames) for act in pack.acts.values()),
        "source": pack.source,
        "digest": pack.digest,
    }


def _goal(goal: Goal) -> dict[str, Any]:
    return {"name": goal.name, "weight": goal.weight, "feasible": goal.feasible, "wants": goal.wants}


def _person(person: Persona) -> dict[str, Any]:
    return {"name": person.name, "weight": person.weight, "traits": dict(person.traits)}


def _fault(fault: Fault) -> dict[str, Any]:
    kind = "result" if fault.result is not None else "merge" if fault.merge is not None else "name"
    return {"name": fault.name, "weight": fault.weight, "kind": kind}


def _tool(tool: Tool) -> dict[str, Any]:
    required = tool.parameters.get("required", ())
    return {
        "name": tool.name,
        "description": tool.description,
        "parameters": [
            {"name": name, "type": _type(spec), "required": name in required}
            for name, spec in tool.parameters.get("properties", {}).items()
        ],
        "errors": [code for code, _, _ in tool.errors],
    }


def _type(spec: Any) -> str:
    found = spec.get("type", "any") if isinstance(spec, Mapping) else "any"
    return "|".join(found) if isinstance(found, list) else str(found)


def _act(act: Act) -> dict[str, Any]:
    return {"name": act.name, "role": act.role, "frames": len(act.frames), "wanted": act.wanted}


def check_name(name: str) -> None:
    """RequestError unless a pack may be called `name`."""
    if not _NAME.fullmatch(name):
        raise RequestError(f"pack name {name!r} is not a plain word: write letters, digits, _ or -, such as bike_shop")


def new_pack(name: str, output: str | None = None) -> str:
    """Write a small pack called `name`, complete and commented, as `output` (NAME.yaml by default); returns where it is. Never overwrites."""
    check_name(name)
    path = Path(output or f"{name}.yaml")
    text = _STARTER.read_text("utf-8").replace("pack: starter", f"pack: {name}", 1)
    try:
        with path.open("x", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
    except FileExistsError:
        raise OutputError(f"output {str(path)!r} exists: give another name with -o") from None
    except OSError as error:
        raise OutputError(f"output {str(path)!r} can't be written: {error.strerror or error}") from None
    return str(path)
