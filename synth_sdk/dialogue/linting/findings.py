"""What lint says: one rule's verdict on one place of a pack."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

from synth_sdk.dialogue.loading.source import Map
from synth_sdk.dialogue.model import Place

Level = Literal["error", "warning", "info"]


@dataclass(frozen=True, slots=True)
class Finding:
    """`file` and `line` are where to look, `rule` the name that docs/packs.md explains."""

    rule: str
    level: Level
    message: str
    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.level}: {self.message} [{self.rule}]"

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def finding(rule: str, level: Level, message: str, place: Place) -> Finding:
    return Finding(rule, level, message, place.file, place.line)


def place_at(whole: Map, group: str, name: str) -> Place:
    """Where the entry `name` of the key `group` stands in a pack's files."""
    holder = whole.get(group)
    if isinstance(holder, Map) and name in holder.places:
        return Place(*holder.places[name])
    return Place(*whole.places.get(group, (whole.file, whole.line)))
