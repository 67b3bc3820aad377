"""Keywords of which one alternative has to hold: `anyOf`, `oneOf`, `if`, `not`, and what depends on a property."""

from collections.abc import Callable, Mapping
from functools import partial

from synth_sdk.core.models import Json
from synth_sdk.engine.constraints.atoms import has_type
from synth_sdk.engine.constraints.facts import Choice, Facts, Part
from synth_sdk.engine.constraints.negation import alternatives
from synth_sdk.engine.constraints.outlines import Outlines
from synth_sdk.engine.constraints.parts import Parts
from synth_sdk.schema.drafts import OLD_DRAFTS

_LONGEST_CHAIN = 50  # references from one to the next


class Choices:
    """Adds to facts the choices that the subschemas of one document offer."""

    def __init__(self, parts: Parts, draft: str) -> None:
        self._parts = parts
        self._refs_hide = draft in OLD_DRAFTS
        self._outlines = Outlines(draft)

    def rivals(self, choice: Choice, option: Part) -> tuple[Part, ...]:
        """The other branches of a `oneOf` that might hold together with `option`."""
        name = f"rivals {choice.key}"
        found: tuple[Part, ...] | None = option.made.get(name)
        if found is None:
            others = [other for other in choice.options if other is not option]
            same = (option,) * (len(choice.options) - len(others) - 1)  # true twice is one branch too many
            apart = partial(self._outlines.apart, self._parts, option)
            found = option.made[name] = (*(other for other in others if not apart(other)), *same)
        return found

    def any_of(self, facts: Facts, part: Part, branches: Json) -> None:
        self._branches(facts, part, "anyOf", branches)

    def one_of(self, facts: Facts, part: Part, branches: Json) -> None:
        self._branches(facts, part, "oneOf", branches)

    def _branches(self, facts: Facts, part: Part, keyword: str, branches: Json) -> None:
        under = self._parts.under
        if branches:
            _offer(facts, part, keyword, lambda: [under(part, f"/{keyword}/{n}", one) for n, one in enumerate(branches)])

    def condition(self, facts: Facts, part: Part, condition: Json) -> None:
        """`if`, with `then` and `else`."""
        schema = part.schema
        if "then" in schema or "else" in schema:
            met = self._parts.derived(part, "/if#met", lambda: {"allOf": [condition, schema.get("then", True)]})
            unmet = self._parts.derived(part, "/if#unmet", lambda: {"allOf": [{"not": condition}, schema.get("else", True)]})
            _offer(facts, part, "if", lambda: [met, unmet])

    def negation(self, facts: Facts, part: Part, denied: Json) -> None:
        """`not`: values that are ruled out, or a choice of opposites."""
        aim = self._aim_of_not(part, denied)
        if aim is None:
            facts.residual = True
        elif (values := _listed(aim.schema)) is not None:
            facts.forbidden += values
            facts.residual = facts.residual or any(value is None or isinstance(value, dict | list) for value in values)
        elif options := self._opposites(aim, part):
            _offer(facts, part, "not", lambda: list(options))
        else:
            facts.kill("'not' rules every value out", part, "not")

    def _aim_of_not(self, part: Part, denied: Json) -> Part | None:
        """What `denied` comes down to once bare references are followed; None if they go round in circles."""
        aim = self._parts.under(part, "/not", denied)
        for _ in range(_LONGEST_CHAIN):
            if not (isinstance(aim.schema, dict) and isinstance(aim.schema.get("$ref"), str)):
                return aim
            if len(aim.schema) > 1 and not self._refs_hide:
                return aim
            aim = self._parts.followed(aim, "$ref")
        return None

    def _opposites(self, denied: Part, part: Part) -> tuple[Part, ...]:
        found: tuple[Part, ...] | None = denied.made.get("#opposites")
        if found is None:
            pointer = f"{part.pointer}/not"
            found = denied.made["#opposites"] = tuple(
                Part(schema if isinstance(schema, dict) or sure else {}, denied.resolver, pointer, not sure)
                for schema, sure in alternatives(denied.schema)
            )
        return found

    def dependent(self, keyword: str, facts: Facts, part: Part, demands: Json) -> None:
        """A property that brings others, or a schema, with it.

        `dependencies` binds in the old drafts only, but some validators go on honouring it, so it is kept in all.
        """
        for name, demand in demands.items() if isinstance(demands, dict) else ():
            if isinstance(demand, list | str):
                wanted = tuple(demand) if isinstance(demand, list) else (demand,)
                facts.needs = {**facts.needs, name: (*facts.needs.get(name, ()), *wanted)}
            else:
                _offer(facts, part, f"{keyword}/{name}", partial(self._with_or_without, part, keyword, name, demand))

    def _with_or_without(self, part: Part, keyword: str, name: str, demand: Json) -> list[Part]:
        derived = self._parts.derived
        absent = derived(part, f"/{keyword}#absent {name}", lambda: {"properties": {name: False}})
        present = derived(part, f"/{keyword}#present {name}", lambda: {"allOf": [{"required": [name]}, demand]})
        return [present, absent]

    def handlers(self) -> Mapping[str, Callable[[Facts, Part, Json], None]]:
        """What to do at each keyword."""
        dependent = ("dependentSchemas", "dependencies", "dependentRequired")
        return {
            "anyOf": self.any_of,
            "oneOf": self.one_of,
            "if": self.condition,
            "not": self.negation,
            **{keyword: partial(self.dependent, keyword) for keyword in dependent},
        }


def _offer(facts: Facts, part: Part, keyword: str, options: Callable[[], list[Part]]) -> None:
    """Add a choice, unless it is settled."""
    key = (id(part), keyword)
    if key in facts.decided:
        return
    choice: Choice | None = part.made.get(f"{keyword}#choice")
    if choice is None:
        choice = part.made[f"{keyword}#choice"] = Choice(key, keyword, part.pointer, tuple(options()))
    facts.choices += (choice,)


def _listed(denied: Json) -> tuple[Json, ...] | None:
    """The values that a denied schema lists, if it does nothing else."""
    if not isinstance(denied, dict) or not denied.keys() <= {"const", "enum", "type"} or not denied.keys() & {"const", "enum"}:
        return None
    values = [denied["const"]] if "const" in denied else denied["enum"]
    return tuple(value for value in values if "type" not in denied or has_type(value, denied["type"]))
