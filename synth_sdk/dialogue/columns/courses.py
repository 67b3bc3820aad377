"""Outlines as flat arrays: what each draws, what must hold, what is said, and how its record is put together."""

import hashlib
import operator
from collections.abc import Sequence, Set
from functools import lru_cache
from typing import Any

import numpy as np

from synth_sdk.core.seeds import derive
from synth_sdk.dialogue.columns.banks import SYSTEM, Banks
from synth_sdk.dialogue.columns.chances import Draw, Ordered, Same
from synth_sdk.dialogue.columns.codes import Codes
from synth_sdk.dialogue.columns.domains import Domains, prune
from synth_sdk.dialogue.columns.flat import Growing, Stretches
from synth_sdk.dialogue.columns.parts import NOW, Parts, Piece
from synth_sdk.dialogue.columns.slots import Slots
from synth_sdk.dialogue.columns.symbols import Code, Lin, Typo, key_of
from synth_sdk.dialogue.model import Pack
from synth_sdk.dialogue.playing.trace import ToolUse, Trace, Turn
from synth_sdk.schema.layout.json_text import one_line, to_text

LEVELS = 16  # draws that rest on draws that rest on draws ...
RELATIONS = (operator.lt, operator.le, operator.gt, operator.ge, operator.eq, operator.ne)
FEATURES = ("goal", "persona", "success", "faults", "messages", "tool_results")


class Courses:
    """All outlines compiled so far."""

    def __init__(self, pack: Pack, seed: int, parts: Parts) -> None:
        self._pack, self._seed, self.parts = pack, seed, parts
        self.domains, self.codes, self.slots = Domains(), Codes(parts), Slots(pack, parts)
        self.banks = Banks(pack, self.slots, parts.lexicon)
        self.labels = {name: Growing(np.int64) for name in FEATURES}  # of each outline, into `label_values`
        self.label_values: dict[str, list[str | float | bool]] = {name: [] for name in FEATURES}
        # draws
        self.draw_sites, self.draw_sources = Growing(np.int64), Growing(np.int64)
        self.draw_domains, self.draw_examples = Growing(np.int64), Growing(np.int64)
        self.draw_guarded = Growing(np.bool_)  # a guard on sums or texts rests on it
        self.levels = Growing(np.int64)  # LEVELS + 1 bounds for each outline
        # what is made for each row: codes, slips, ids
        self.own_codes, self.own_typos, self.id_counts = Stretches(), Stretches(), Growing(np.int64)
        self.typo_sources, self.typo_columns, self.typo_labels = Growing(np.int64), Growing(np.int64), Growing(np.uint64)
        # guards
        self.sums_held, self.texts_held, self.codes_held = Stretches(), Stretches(), Stretches()
        self.held_sums, self.held_relations = Growing(np.int64), Growing(np.int8)
        self.held_first, self.held_second, self.held_outcomes = Growing(np.int64), Growing(np.int64), Growing(np.bool_)
        # the record
        self.layouts = Stretches()  # places of fixed texts; 0 where something is drawn or said
        self.open_items, self.open_parts = Stretches(), Stretches()  # where in the layout, and which part
        self.bodies = Growing(np.int64)  # where in a layout the messages begin, and where the labels
        self.turns = Stretches()  # of each outline, into the next ones
        self.turn_items = Growing(np.int64)  # where in the layout each turn is
        self.turn_acts, self.turn_users, self.turn_firsts = Growing(np.int64), Growing(np.bool_), Growing(np.bool_)
        self.turn_values = Stretches()  # by the act's slots; -1: undefined
        self.personas = Growing(np.int64)
        # digests of the world
        self.world_consts = Growing(np.uint64)
        self.world_sites, self.world_codes, self.world_changes = Stretches(), Stretches(), Stretches()
        self.change_labels, self.change_parts = Growing(np.uint64), Growing(np.int64)
        self._known: dict[Any, int] = {}
        self._persona_places = {persona: place for place, persona in enumerate(pack.personas)}

    def __len__(self) -> int:
        return self.personas.size

    def add(self, found: Trace) -> None:
        """Compile the next outline."""
        chances = found.chances
        prune(chances.draws)
        self._draws(chances.draws, _guarded(chances.guards))
        self._guards(chances.guards)
        layout = _Layout(self, found)
        layout.write()
        self._own(found)
        self._world(found)
        self.layouts.add(layout.items)
        self.turn_items.extend(layout.turns)
        self.open_items.add([place for place, _ in layout.open_items])
        self.open_parts.add([part for _, part in layout.open_items])
        self.bodies.extend(layout.bounds)
        self._turns(found)
        self.id_counts.add(1 + sum(isinstance(event, ToolUse) for event in found.events))
        self.personas.add(self._persona_places[found.cast.persona])
        for name, label in _labels(found, bool(self._pack.system)).items():
            known = self.label_values[name]
            if label not in known:
                known.append(label)
            self.labels[name].add(known.index(label))

    def _draws(self, draws: Sequence[Draw], guarded: Set[str]) -> None:
        level: dict[int, int] = {}
        for draw in draws:
            level[id(draw)] = min(level[id(draw.source)] + 1, LEVELS - 1) if draw.source else 0
        ranked = sorted(draws, key=lambda draw: level[id(draw)])
        site = self.parts.site
        start = self.draw_sites.extend([site(draw.site) for draw in ranked])
        self.draw_sources.extend([site(draw.source.site) if draw.source else 0 for draw in ranked])
        self.draw_domains.extend([self.domains.of(draw) for draw in ranked])
        self.draw_examples.extend([draw.example for draw in ranked])
        self.draw_guarded.extend([draw.site in guarded for draw in ranked])
        counts = [0] * LEVELS
        for draw in draws:
            counts[level[id(draw)]] += 1
        self.levels.extend(start + np.concatenate([[0], np.cumsum(counts)]))

    def _guards(self, guards: Sequence[Ordered | Same]) -> None:
        sums, texts, codes = dict[int, None](), dict[int, None](), dict[int, None]()
        for guard in guards:
            if isinstance(guard, Ordered):
                sums[self._held_sum(guard)] = None
            else:
                (codes if _holds_codes(guard) else texts)[self._held_text(guard)] = None
        self.sums_held.add(list(sums))
        self.texts_held.add(list(texts))
        self.codes_held.add(list(codes))

    def _held_sum(self, guard: Ordered) -> int:
        number = self.parts.sum(Lin(guard.terms, guard.const, "int"))
        key = "sum", number, guard.relation
        if key not in self._known:
            self.held_sums.add(number)
            self._known[key] = self.held_relations.add(RELATIONS.index(guard.relation))
        return self._known[key]

    def _held_text(self, guard: Same) -> int:
        sides = [
            tuple(self.parts.listed(piece for part in side for piece in self.parts.text(part, 1)))
            for side in (guard.first, guard.second)
        ]
        key = "text", *sides, guard.outcome
        if key not in self._known:
            self.held_first.add(self.parts.lists.add(sides[0]))
            self.held_second.add(self.parts.lists.add(sides[1]))
            self._known[key] = self.held_outcomes.add(guard.outcome)
        return self._known[key]

    def _own(self, found: Trace) -> None:
        codes, typos = list[int](), list[int]()
        for code in found.chances.codes:
            if code.frozen:
                continue
            if isinstance(code, Typo):
                typos.append(self._typo(code))
            else:
                codes.append(self.codes.number(code))
        self.own_codes.add(codes)
        self.own_typos.add(typos)

    def _typo(self, typo: Typo) -> int:
        parts = tuple(self.parts.listed(piece for part in typo.parts for piece in self.parts.text(part, 1)))
        key = "typo", typo.site, parts
        if key not in self._known:
            self.typo_sources.add(self.parts.lists.add(parts))
            self.typo_columns.add(self.parts.column(key_of(typo)))
            self._known[key] = self.typo_labels.add(derive(self._seed, self._pack.name, "typo", typo.site))
        return self._known[key]

    def _world(self, found: Trace) -> None:
        chances = found.chances
        self.world_consts.add(_number(repr((found.cast.goal.name, chances.settled))))
        self.world_sites.add([self.parts.site(draw.site) for draw in chances.draws if draw.in_world])
        codes = [code for code in chances.codes if isinstance(code, Code) and code.in_world and not code.frozen]
        self.world_codes.add([self.codes.number(code) for code in codes])
        changes: list[int] = []
        for where, old, new in found.changes:
            if key_of(old) != key_of(new):
                label = derive(0, "change", where)
                changes += [self._change(label, value) for value in (old, new)]
        self.world_changes.add(changes)

    def _change(self, label: int, value: Any) -> int:
        pieces = self.parts.json(_linkless(value), 0)
        self.change_labels.add(label)
        return self.change_parts.add(self.parts.lists.add(self.parts.listed(pieces)))

    def _turns(self, found: Trace) -> None:
        numbers: list[int] = []
        spoken: set[str] = set()
        if self._pack.system:
            numbers.append(self._turn(SYSTEM, found.values, False, False))
        for event in found.events:
            if isinstance(event, Turn):
                role = event.act.role
                numbers.append(self._turn(event.act.name, event.values, role == "user", role == "user" and not spoken))
                spoken.add(role)
        self.turns.add(numbers)

    def _turn(self, act: str, values: dict[str, Any], is_user: bool, is_first: bool) -> int:
        number = self.banks.acts[act]
        self.turn_values.add(
            [self.slots.number(slot, values[slot]) if slot in values else -1 for slot in self.banks.slot_orders[number]]
        )
        self.turn_users.add(is_user)
        self.turn_firsts.add(is_first)
        return self.turn_acts.add(number)


def _labels(found: Trace, has_system: bool) -> dict[str, str | float | bool]:
    uses = sum(isinstance(event, ToolUse) for event in found.events)
    return {
        "goal": found.cast.goal.name,
        "persona": found.cast.persona.name,
        "success": found.success,
        "faults": ",".join(found.faults) or "none",
        "messages": has_system + len(found.events) + uses,
        "tool_results": uses,
    }


def _guarded(guards: Sequence[Ordered | Same]) -> Set[str]:
    """The sites that guards rest on, with those that these rest on."""
    sites = {NOW}
    for guard in guards:
        parts = [part for part in (*guard.first, *guard.second) if not isinstance(part, str)] if isinstance(guard, Same) else []
        for draw in (
            [draw for draw, _ in guard.terms] if isinstance(guard, Ordered) else [d for part in parts for d in part.draws()]
        ):
            link: Draw | None = draw
            while link and link.site not in sites:
                sites.add(link.site)
                link = link.source
    return sites


def _holds_codes(guard: Same) -> bool:
    """What it compares is not told by draws alone."""
    return any(isinstance(part, (Code, Typo)) for part in (*guard.first, *guard.second))


def _number(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")


def _linkless(value: Any) -> Any:
    """The value with links to rows cut short."""
    from synth_sdk.dialogue.playing.world import Row

    if isinstance(value, Row):
        return value.origin.name if value.origin else "row"
    if isinstance(value, dict):
        return {key: _linkless(member) for key, member in value.items()}
    return [_linkless(item) for item in value] if isinstance(value, list) else value


class _Layout:
    """Writes the record of an outline as parts and turns."""

    def __init__(self, courses: Courses, found: Trace) -> None:
        self._courses, self._found, self._parts = courses, found, courses.parts
        self.items: list[int] = []
        self.turns: list[int] = []
        self.open_items: list[tuple[int, int]] = []  # where, and the part
        self.bounds: list[int] = []
        self._text = ""

    def write(self) -> None:
        pack, found = self._courses._pack, self._found
        self._put('{"id":"conv_', self._id(0), '"')
        self._bound()
        self._put(',"messages":[')
        if pack.system:
            self._put('{"role":"system","content":"')
            self._turn()
            self._put('"},')
        calls = 0
        for place, event in enumerate(found.events):
            self._put("," if place else "")
            if isinstance(event, ToolUse):
                calls += 1
                self._use(event, calls)
            else:
                self._put(f'{{"role":"{"user" if event.act.role == "user" else "assistant"}","content":"')
                self._turn()
                self._put('"}')
        self._put(f'],"tools":{tools_json(pack)}')
        self._bound()
        self._meta()
        self._put("\n")
        self._flush()

    def _put(self, *pieces: Piece) -> None:
        for piece in pieces:
            if isinstance(piece, str):
                self._text += piece
            else:
                self._flush()
                self.open_items.append((len(self.items), piece))
                self.items.append(0)

    def _flush(self) -> None:
        if self._text:
            self.items.append(self._parts.lexicon.place(self._text))
            self._text = ""

    def _bound(self) -> None:
        self._flush()
        self.bounds.append(len(self.items))

    def _turn(self) -> None:
        self._flush()
        self.turns.append(len(self.items))
        self.items.append(0)

    def _id(self, place: int) -> int:
        return self._parts.own(("id", place))

    def _use(self, event: ToolUse, call: int) -> None:
        name = one_line(to_text(event.tool))
        self._put('{"role":"assistant","content":null,"tool_calls":[{"id":"call_', self._id(call))
        self._put(f'","type":"function","function":{{"name":{name},"arguments":"', *self._json(event.args))
        self._put('"}}]},{"role":"tool","tool_call_id":"call_', self._id(call), '","content":"', *self._json(event.result), '"}')

    def _json(self, value: Any) -> list[Piece]:
        return self._parts.json(value, 1)

    def _meta(self) -> None:
        pack, found = self._courses._pack, self._found
        who = found.cast
        head = {
            "pack": pack.name,
            "goal": who.goal.name,
            "persona": who.persona.name,
            "agent": who.agent.name,
            "faults": list(found.faults),
            "feasible": who.goal.feasible,
            "success": found.success,
            "lang": pack.lang,
        }
        self._put(f',"meta":{one_line(to_text(head))[:-1]},"now":"', *self._parts.text(found.now, 1))
        self._put('","world_before":"', self._parts.own("before"), '","world_after":"', self._parts.own("after"))
        self._put(f'","seed":{self._courses._seed},"index":', self._parts.own("index"), "}}")


@lru_cache(maxsize=16)
def tools_json(pack: Pack) -> str:
    """The declared tools as compact JSON."""
    declared = [
        {"type": "function", "function": {"name": tool.name, "description": tool.description, "parameters": tool.parameters}}
        for tool in pack.tools.values()
    ]
    return one_line(to_text(declared))


__all__ = ["FEATURES", "LEVELS", "NOW", "RELATIONS", "Courses", "tools_json"]
