"""Has a whole pack written from a description: first its subject, then its vocabulary and rules, then its wordings."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from synth_sdk.blueprint.conversation.asking import instructions
from synth_sdk.blueprint.conversation.assembling import review, unpacked
from synth_sdk.blueprint.conversation.author import collected, request
from synth_sdk.blueprint.conversation.situations import said, situations
from synth_sdk.blueprint.model import Blueprint, Files
from synth_sdk.blueprint.pack import asking, judging
from synth_sdk.blueprint.purchase import Parts, buy
from synth_sdk.blueprint.yamltext import to_yaml
from synth_sdk.core.errors import RequestError
from synth_sdk.core.models import Json, Model, Request
from synth_sdk.dialogue import load_pack

TURNS = 18  # acts whose wordings belong to the subject; the others come with the package
CALLS_PER_TURN = 4
_FRAME = Path(__file__).parent / "frame.yaml"
_LONGEST_ABOUT = 600
_SUBJECT_TOKENS, _VOCABULARY_TOKENS, _RULES_TOKENS = 260, 560, 900
_PROMPT_BYTES = 2400  # of a call for wordings, about


class PackAuthor:
    """Writes `<name>.yaml`. The subject has to succeed; what else fails is left to the frame pack, or is an error when too much does."""

    kind = "conversation"
    one_file = True

    def __init__(self, name: str, about: str) -> None:
        self.about = " ".join(about.split())
        if not 3 <= len(self.about) <= _LONGEST_ABOUT:
            raise RequestError(
                f"about {about[:40]!r}: describe the pack in 3 to {_LONGEST_ABOUT} characters, such as 'a bike workshop'"
            )
        self.name, self.main = name, f"{name}.yaml"

    def first(self) -> Request:
        """The first ask: all others build upon its answer."""
        return _request("subject", asking.subject_brief(self.about), asking.SUBJECT_SCHEMA, judging.subject, _SUBJECT_TOKENS)

    async def write(self, model: Model) -> Blueprint:
        subject = await buy(model, [self.first()])
        told = subject.values[0]
        content = await buy(
            model,
            [
                _request(
                    "vocabulary", asking.vocabulary_brief(told), asking.VOCABULARY_SCHEMA, judging.vocabulary, _VOCABULARY_TOKENS
                ),
                _request("rules", asking.rules_brief(told), asking.RULES_SCHEMA, judging.rules, _RULES_TOKENS),
            ],
            useful=1,
        )
        pack = self._pack({**told, **content.values[0], **content.values[1]})
        wordings, frames = await _wordings(model, pack, self.main)
        for act, texts in frames.items():
            pack["say"][act] = [*pack["say"][act], *texts]
        files = {self.main: to_yaml(pack)}
        if flaws := _flaws(files, self.main):
            raise RequestError(
                f"the pack that was written does not lint: {flaws[0]}; describe it otherwise, or name another model"
            )
        bought = (subject, content, wordings)
        return Parts.together(bought).blueprint(files, f"the pack {self.name}, about: {self.about}")

    def review(self, path: Path) -> list[str]:
        """The lint's errors about the pack at `path`."""
        return review(path)

    def _pack(self, told: Mapping[str, Any]) -> dict[str, Any]:
        """The frame pack with its gaps filled in."""
        import yaml

        gaps = {**told, "name": self.name, "example_id": str(told["id"]).replace("#", "7"), "id": told["id"]}
        filled: dict[str, Any] = _filled(yaml.safe_load(_FRAME.read_text("utf-8")), gaps)
        return filled


def _filled(value: Any, gaps: Mapping[str, Any]) -> Any:
    """`value` with `<name>` replaced: by the text inside other text, by the thing itself where nothing else stands."""
    if isinstance(value, dict):
        return {_filled(key, gaps): _filled(inner, gaps) for key, inner in value.items()}
    if isinstance(value, list):
        return [_filled(inner, gaps) for inner in value]
    if not isinstance(value, str):
        return value
    if value[:1] == "<" and value[-1:] == ">" and value[1:-1] in gaps:
        return gaps[value[1:-1]]
    for name, text in gaps.items():
        if isinstance(text, str):
            value = value.replace(f"<{name}>", text)
    return value


async def _wordings(model: Model, pack: Mapping[str, Any], main: str) -> tuple[Parts, dict[str, list[str]]]:
    """Wordings for the turns that belong to the subject."""
    with unpacked({main: to_yaml(pack)}) as folder:
        loaded = load_pack(folder / main)
        told = instructions(loaded)
        known = situations(loaded, (one for one in said(loaded) if one.act.name in pack["say"]))
        asked = [
            (situation, request("pack:wordings", told, situation, turn))
            for turn in range(CALLS_PER_TURN)
            for situation in known.values()
        ]
        parts = await buy(model, [one for _, one in asked])
    return parts, collected(asked, parts.values)


def _request(what: str, brief: str, schema: Mapping[str, Json], check: Callable[[Json], Json], tokens: int) -> Request:
    return Request(
        task=f"blueprint:pack:{what}",
        instructions=asking.INSTRUCTIONS,
        brief=brief,
        schema=schema,
        check=check,
        output_tokens=tokens,
        slot="blueprint",
    )


def _flaws(files: Files, main: str) -> Sequence[str]:
    with unpacked(files) as folder:
        return [flaw.replace(f"{folder}/", "") for flaw in review(folder / main)]
