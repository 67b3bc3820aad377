"""Properties that must not be there, taken out of a schema with all that speaks of them."""

from collections.abc import Iterator, Mapping
from typing import Any

from synth_sdk.compliance.walking import Node, Record, records
from synth_sdk.core.models import Json
from synth_sdk.schema.annotations import KEYWORD, read_annotation
from synth_sdk.schema.derivation import source_paths

_BY_NAME = ("properties", "dependentRequired", "dependentSchemas", "dependencies")
_DERIVED = {"from": ("from", "within"), "given": ("given", "words")}


def remove(record: Record, path: str) -> bool:
    """Take the property at `path` (or the list that it is the items of) out of `record`. False if it is no property."""
    prefix, name = _split(record, path)
    if not name:
        return False
    for part in record.parts.get(prefix, ()):
        _remove(part, name)
    return True


def forget(document: Json, gone: set[str]) -> dict[str, str]:
    """Take out the columns of other tables that refer to one of the `gone`; their paths, with what was done."""
    done: dict[str, str] = {}
    while gone:
        found = {place.path for record in records(document) for place in record.places if _refers(place.hint, gone)}
        for record in records(document):
            for path in found & {place.path for place in record.places}:
                remove(record, path)
        done |= dict.fromkeys(found, "removed")
        gone = found
    return done


def _refers(hint: Mapping[str, Json], gone: set[str]) -> bool:
    """The values come from one of the columns that are `gone`."""
    return any(hint.get(key) in gone for key in ("ref", "sum", "min_of", "max_of"))


def _split(record: Record, path: str) -> tuple[str, str]:
    """The prefix and the name of the property at `path`, which may hold dots itself."""
    path = path.rstrip("[]")
    fitting = [prefix for prefix in record.parts if path.startswith(prefix) and len(prefix) < len(path)]
    for prefix in sorted(fitting, key=len, reverse=True):
        if any(path[len(prefix) :] in (part.get("properties") or {}) for part in record.parts[prefix]):
            return prefix, path[len(prefix) :]
    return "", ""


def _remove(part: Node, name: str) -> None:
    for keyword in _BY_NAME:
        members = part.get(keyword)
        if isinstance(members, dict):
            members.pop(name, None)
    for holder, keyword in _lists(part):
        holder[keyword] = [one for one in holder[keyword] if one != name]
        if not holder[keyword]:
            del holder[keyword]  # draft 4 knows no empty `required`
    properties = part.get("properties")
    for node in properties.values() if isinstance(properties, dict) else ():
        _underive(node.get(KEYWORD) if isinstance(node, dict) else None, name)


def _underive(hint: Any, name: str) -> None:
    """No longer make a property from the one called `name`."""
    for keyword, ending in _DERIVED.items() if isinstance(hint, dict) else ():
        if str(hint.get(keyword, "")).split(".")[0] == name:
            for key in ending:
                hint.pop(key, None)
    formula = hint.get("formula") if isinstance(hint, dict) else None
    if formula and name in [path[0] for path in source_paths(read_annotation({KEYWORD: {"formula": formula}}))]:
        del hint["formula"]


def _lists(part: Node) -> Iterator[tuple[Node, str]]:
    """The lists of names that objects need."""
    if isinstance(part.get("required"), list):
        yield part, "required"
    for keyword in ("dependentRequired", "dependencies"):
        needs = part.get(keyword)
        if isinstance(needs, dict):
            yield from ((needs, key) for key, names in list(needs.items()) if isinstance(names, list))
