"""What a blueprint does for a pack: a thin pack, the same with a model's wordings, and the whole one, as `synth eval` measures them.

A thin pack is a built-in one that was left six wordings for each turn. The model is played by the wordings that were taken out: they
come as a model's answers do, in calls of ten, and pass the same judge. So the figures show what the way of working makes of good
answers, not how good a model's answers are.

Usage: python benchmarks/blueprints.py [COUNT] [PACK...]      (200 dialogues of customer_support, hotel and travel)
"""

import asyncio
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from synth_sdk.blueprint.conversation.author import WordingsAuthor
from synth_sdk.blueprint.conversation.judging import Judge
from synth_sdk.blueprint.conversation.situations import plainly, said, situations
from synth_sdk.blueprint.yamltext import to_yaml
from synth_sdk.core.errors import NoRoute, Rejected
from synth_sdk.core.models import Completion, Request
from synth_sdk.core.spec import DEFAULT_START
from synth_sdk.dialogue import Pack, batch, load_pack
from synth_sdk.dialogue.loading.loader import whole_pack
from synth_sdk.dialogue.loading.reading import without_places
from synth_sdk.evaluation import evaluate

KEPT = 6
CALLS = (20, 60, 120, 400)
COLUMNS = {
    "templated": "templated_turn_rate",
    "dup": "turn_exact_dup",
    "selfBLEU": "self_bleu4",
    "dist2": "distinct2",
    "open": "opening_user.distinct",
    "close": "closing.distinct",
    "user": "words_user_turn.mean",
    "agent": "words_assistant_turn.mean",
}


class TakenOut:
    """A Model whose answers are the wordings that a thin pack lacks, each once."""

    def __init__(self, taken: Mapping[str, list[str]], acts: Mapping[str, str]) -> None:
        self._left = {act: list(texts) for act, texts in taken.items()}
        self._acts = acts
        self.given = self.refused = 0

    async def complete(self, request: Request) -> Completion:
        bank = self._left[self._acts[request.brief.splitlines()[0]]]
        answer, bank[:10] = bank[:10], []
        self.given += len(answer)
        try:
            value = request.check({"frames": answer})
        except Rejected as reason:
            self.refused += len(answer)
            raise NoRoute({"taken out": reason.message}) from None
        self.refused += len(answer) - len(value["frames"])
        return Completion(value=value, origin="llm", model="taken out")


def thinned(name: str, folder: Path) -> tuple[Pack, dict[str, list[str]]]:
    """The pack with `KEPT` unconditional wordings for each act, and what was taken out."""
    pack = load_pack(name)
    whole: dict[str, Any] = without_places(whole_pack(name))
    whole.pop("include", None), whole.pop("languages", None)
    taken: dict[str, list[str]] = {}
    for act, bank in whole["say"].items():
        free = [place for place, frame in enumerate(bank) if not isinstance(frame, dict) or "if" not in frame]
        gone = set(free[KEPT:])
        taken[act] = [plainly(pack.acts[act].frames[place].parts) for place in sorted(gone)]
        whole["say"][act] = [frame for place, frame in enumerate(bank) if place not in gone]
    path = folder / f"{name}.yaml"
    path.write_text(to_yaml(whole), "utf-8")
    return load_pack(path), taken


def report(label: str, pack: Pack, count: int) -> None:
    found = evaluate(batch(pack, 0, range(count), DEFAULT_START).records()).to_dict()
    broken = sum(gate["passed"] is False for gate in found["gates"].values())
    frames = sum(len(act.frames) for act in pack.acts.values())
    row = "".join(f"{found['metrics'][key]:>10.3f}" for key in COLUMNS.values())
    print(f"{label:34}{frames:>7}{found['envelope']['inside']:>6}{broken:>7}{row}", flush=True)


def false_refusals(pack: Pack, taken: Mapping[str, list[str]]) -> tuple[int, int, list[str]]:
    """How many good wordings the judge refuses one by one, of how many, and why."""
    refused, total, reasons = 0, 0, list[str]()
    for name, situation in situations(pack, said(pack)).items():
        judge = Judge(situation)
        for text in taken[name]:
            total += 1
            try:
                judge.frame(text)
            except Rejected as reason:
                refused += 1
                reasons.append(f"{name}: {text!r}: {reason.message}")
    return refused, total, reasons


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    print(f"{'':34}{'frames':>7}{'human':>6}{'broken':>7}" + "".join(f"{name:>10}" for name in COLUMNS))
    for name in sys.argv[2:] or ["customer_support", "hotel", "travel"]:
        with tempfile.TemporaryDirectory() as made:
            folder = Path(made)
            thin, taken = thinned(name, folder)
            report(f"{name}, {KEPT} a turn", thin, count)
            acts = {
                f"Turn of the {'customer' if act.role == 'user' else 'agent'}: {plainly(act.about)}.": act.name
                for act in thin.acts.values()
            }
            for calls in CALLS:
                model = TakenOut(taken, acts)
                blueprint = asyncio.run(WordingsAuthor(thin, calls).write(model))
                place = folder / f"{name}-{calls}"
                place.mkdir()
                for file, text in blueprint.files.items():
                    (place / file).write_text(text, "utf-8")
                told = f"  and a blueprint of {calls} calls"
                report(told, load_pack(place), count)
            report(f"{name}, whole", load_pack(name), count)
            refused, total, reasons = false_refusals(thin, taken)
            print(
                f"  of {total} good wordings the judge refuses {refused}" + "".join(f"\n    {reason}" for reason in reasons[:5])
            )


if __name__ == "__main__":
    main()
