"""Banks of wordings that somebody - a model, or a person - wrote once and that the offline engine expands for ever.

A kind says in a `BLUEPRINT_SCHEMA` what its bank looks like; here is what all banks have in common: frames with slots.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from string import Formatter

from synth_sdk.core.errors import RequestError, nearest
from synth_sdk.core.models import Json

_END = re.compile(r"[.!?]['\"”’)]*(?=\s|$)")


def frames(fewest: int = 1, most: int = 200, longest: int = 400) -> Json:
    """The schema of a list of different frames."""
    text = {"type": "string", "minLength": 1, "maxLength": longest}
    return {"type": "array", "items": text, "minItems": fewest, "maxItems": most, "uniqueItems": True}


def slots_of(frame: str) -> set[str]:
    """The names in braces. ValueError for braces that are no slot."""
    parts = list(Formatter().parse(frame))
    if any(name is not None and (not name.isidentifier() or spec or conversion) for _, name, spec, conversion in parts):
        raise ValueError("a slot is a name in braces, as in {name}")
    return {name for _, name, _, _ in parts if name is not None}


def frame_flaws(pointer: str, texts: Iterable[str], known: Iterable[str], needed: Iterable[str] = ()) -> list[str]:
    """What is wrong with frames: unknown slots, slots that are missing, broken braces. One line each, led by a JSON pointer."""
    known, needed = set(known), set(needed)
    flaws = []
    for place, text in enumerate(texts):
        where = f"at {pointer}/{place}"
        try:
            used = slots_of(text)
        except ValueError as error:
            flaws.append(f"{where}: {text!r}: {error}")
            continue
        flaws += [f"{where}: unknown slot {{{name}}}{_offer(name, known)}" for name in sorted(used - known)]
        flaws += [f"{where}: {text!r} must say {{{name}}}" for name in sorted(needed - used)]
    return flaws


def sentence_flaws(pointer: str, texts: Iterable[str]) -> list[str]:
    """Texts that aren't exactly one sentence."""
    return [
        f"at {pointer}/{place}: {text!r} must be one sentence that ends with a full stop"
        for place, text in enumerate(texts)
        if sentences(text) != 1 or not _END.search(text[-2:])
    ]


def sentences(text: str) -> int:
    """How many sentences `text` has: ends of sentences, and a rest without one."""
    ends = list(_END.finditer(text.strip()))
    return len(ends) + bool(text.strip()[ends[-1].end() if ends else 0 :].strip())


def shape_flaws(value: Json, schema: Json) -> list[str]:
    """What in `value` breaks a blueprint's schema, at most ten lines."""
    from synth_sdk.schema.checkers import load_jsonschema
    from synth_sdk.schema.pointers import to_pointer

    errors = load_jsonschema().Draft202012Validator(schema).iter_errors(value)
    found = sorted((to_pointer(error.absolute_path), error.message[:200]) for error in errors)
    return [f"at {pointer or '/'}: {message}" for pointer, message in found[:10]]


def check_blueprint(kind: str, blueprint: Json, flaws: Callable[[Json], list[str]]) -> Mapping[str, Json]:
    """`blueprint`, {} for None. RequestError with the first flaw and how many there are."""
    if blueprint is None:
        return {}
    if found := flaws(blueprint):
        more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        raise RequestError(f"the blueprint of kind {kind!r} can't be used: {found[0]}{more}")
    checked: Mapping[str, Json] = blueprint
    return checked


def _offer(name: str, known: set[str]) -> str:
    near = nearest(name, known)
    return f": did you mean {{{near[0]}}}?" if near else f": choose one of {', '.join(sorted(known)) or 'none'}"
