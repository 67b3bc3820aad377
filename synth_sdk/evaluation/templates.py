"""How templated the wording is, in the tokens of the other measures."""

from collections.abc import Sequence

from synth_sdk.dialogue.gates.templated import templated_rate
from synth_sdk.evaluation.dialogues import Dialogue
from synth_sdk.evaluation.words import tokens


def templated_turn_rate(dialogues: Sequence[Dialogue]) -> float | None:
    """The share of turns (five words or more) whose frame recurs in another dialogue. None without such turns."""
    return templated_rate([dialogue.speech for dialogue in dialogues], tokens)
