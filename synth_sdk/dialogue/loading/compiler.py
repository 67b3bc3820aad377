"""From merged YAML to a Pack. Every flaw of form or reference is a PackError with file, line and rule; the linter judges the sense."""

from typing import Any

from synth_sdk.core.errors import PackError
from synth_sdk.dialogue.expr import Expr
from synth_sdk.dialogue.languages import language
from synth_sdk.dialogue.loading.mechanics import compile_node, compile_tool
from synth_sdk.dialogue.loading.reading import known_keys, mapping, number_at, sequence, text_at, zone_at
from synth_sdk.dialogue.loading.references import check_references
from synth_sdk.dialogue.loading.scenery import compile_fault, compile_goal, compile_persona, compile_world
from synth_sdk.dialogue.loading.source import Map, Seq
from synth_sdk.dialogue.loading.values import condition
from synth_sdk.dialogue.loading.vocabulary import compile_type
from synth_sdk.dialogue.loading.wording import compile_acts, compile_slot, frame_parts
from synth_sdk.dialogue.model import Fault, Pack, Persona

_KEYS = frozenset({
    "pack", "version", "lang", "description", "clock", "include", "greetings", "openers", "fillers", "plainness", "system", "types", "world", "personas",
    "agents", "goals", "faults", "tools", "flow", "slots", "acts", "say", "invariants", "languages",
})  # fmt: skip
_NEEDED = ("pack", "version", "description", "world", "personas", "goals", "flow", "acts", "say")
_EVEN_AGENT = Persona("even", 1.0, {"verbosity": 0.5, "formality": 0.5})


def compile_pack(whole: Map, source: str, digest: str, languages: tuple[str, ...]) -> Pack:
    """The Pack in `whole`. PackError for the first flaw found."""
    known_keys(whole, _KEYS, "a pack")
    for key in _NEEDED:
        if key not in whole:
            raise PackError(f"the key {key!r} is missing", file=whole.file, line=whole.line, rule="missing key")
    lang = str(whole.get("lang", "en"))
    speech = language(lang)
    types = {name: compile_type(name, spec, whole["types"], speech) for name, spec in mapping(whole, "types").items()}
    forms = {**speech.forms, **{name: known.forms for name, known in types.items() if known.forms}}
    slots = {name: compile_slot(name, mapping(mapping(whole, "slots"), name), forms) for name in mapping(whole, "slots")}
    acts = compile_acts(whole, slots)
    tools = {name: compile_tool(name, mapping(mapping(whole, "tools"), name), types) for name in mapping(whole, "tools")}
    faults = tuple(compile_fault(name, mapping(mapping(whole, "faults"), name)) for name in mapping(whole, "faults"))
    goals = tuple(compile_goal(name, mapping(mapping(whole, "goals"), name), types) for name in mapping(whole, "goals"))
    flow = {name: compile_node(name, mapping(mapping(whole, "flow"), name), types) for name in mapping(whole, "flow")}
    clock = mapping(whole, "clock")
    known_keys(clock, {"tz", "span_days"}, "clock")
    pack = Pack(
        name=text_at(whole, "pack"),
        version=str(whole["version"]),
        lang=lang,
        description=text_at(whole, "description"),
        zone=zone_at(clock),
        span_days=int(number_at(clock, "span_days", 365)),
        openers=tuple(str(text) for text in sequence(whole, "openers")),
        fillers=tuple(str(word) for word in sequence(whole, "fillers")),
        system=tuple(
            frame_parts(text, sequence(whole, "system"), i, slots)[0] for i, text in enumerate(sequence(whole, "system"))
        ),
        types=types,
        world=compile_world(mapping(whole, "world"), types),
        personas=tuple(
            compile_persona(spec, sequence(whole, "personas"), i) for i, spec in enumerate(sequence(whole, "personas"))
        ),
        agents=tuple(compile_persona(spec, sequence(whole, "agents"), i) for i, spec in enumerate(sequence(whole, "agents")))
        or (_EVEN_AGENT,),
        goals=goals,
        faults=faults or (Fault("none", 1.0, None, None, None, None, (1, 1), ()),),
        tools=tools,
        flow=flow,
        slots=slots,
        acts=acts,
        invariants=tuple(_at(sequence(whole, "invariants"), i, text) for i, text in enumerate(sequence(whole, "invariants"))),
        source=source,
        digest=digest,
        languages=languages,
    )
    check_references(pack, whole)
    return pack


def _at(holder: Seq, i: int, source: Any) -> Expr:
    line = Map(*holder.places[i])
    return condition(source, line, "invariants")
