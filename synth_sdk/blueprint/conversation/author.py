"""Has further wordings of a pack written, where they are said most often."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

from synth_sdk.blueprint.conversation import assembling
from synth_sdk.blueprint.conversation.asking import FRAMES, OUTPUT_TOKENS, SCHEMA, brief, instructions
from synth_sdk.blueprint.conversation.judging import Judge, fresh
from synth_sdk.blueprint.conversation.situations import Situation, plan, said, situations
from synth_sdk.blueprint.model import Blueprint
from synth_sdk.blueprint.purchase import buy, key_of
from synth_sdk.core.models import Json, Model, Request
from synth_sdk.dialogue import Pack

CALLS = range(20, 121)  # the fewest and the most, the end not included
_MOST_OF_ONE = 4  # calls for one act: as many as there are manners


class WordingsAuthor:
    """Implements `Author` for a pack: calls of ten wordings each, as many as the pack needs within `calls`."""

    kind = "conversation"
    main = assembling.MAIN
    one_file = False

    def __init__(self, pack: Pack, calls: range | int = CALLS) -> None:
        self._pack = pack
        self._calls = range(calls, calls + 1) if isinstance(calls, int) else calls
        self.name = pack.name

    @property
    def key(self) -> str:
        return key_of(self.requests(), self._pack.digest, self._pack.lang)

    def requests(self) -> Sequence[Request]:
        return [request for _, request in self._asked]

    async def write(self, model: Model) -> Blueprint:
        parts = await buy(model, self.requests())
        frames = collected(self._asked, parts.values)
        files, dropped = assembling.assemble(self._pack, frames)
        written = sum(map(len, frames.values())) - dropped
        return parts.blueprint(
            files=files,
            about=f"{written} further wordings for {sum(map(bool, frames.values()))} turns of the pack {self.name}",
            notes=[f"{dropped} wordings were taken out: the pack didn't lint with them"] if dropped else [],
        )

    def review(self, path: Path) -> list[str]:
        return assembling.review(path)

    @cached_property
    def _asked(self) -> list[tuple[Situation, Request]]:
        pack, told = self._pack, instructions(self._pack)
        chosen = plan(said(pack), self._calls, FRAMES, _MOST_OF_ONE)
        known = situations(pack, (one for one, _ in chosen))
        return [
            (known[one.act.name], request(f"{self.kind}:{pack.name}", told, known[one.act.name], turn)) for one, turn in chosen
        ]


def request(task: str, told: str, situation: Situation, turn: int) -> Request:
    """The `turn`-th ask for wordings of one situation; `told` are the instructions for its pack."""
    return Request(
        task=f"blueprint:{task}",
        instructions=told,
        brief=brief(situation, turn),
        schema=SCHEMA,
        check=Judge(situation).check,
        output_tokens=OUTPUT_TOKENS,
        slot="blueprint",
    )


def collected(asked: Sequence[tuple[Situation, Request]], values: Sequence[Json]) -> dict[str, list[str]]:
    """The accepted frames by act, none of them like one that another call brought."""
    frames: dict[str, list[str]] = {}
    for (situation, _), value in zip(asked, values, strict=True):
        bank = frames.setdefault(situation.act.name, [])
        bank += fresh(value["frames"] if value else (), bank)
    return frames
