"""All figures of a set of dialogues, by name: plain numbers, None where there is too little to measure."""

from collections.abc import Mapping, Sequence

from synth_sdk.evaluation.dialogues import DIVERSITY, NEIGHBOURS, Dialogue
from synth_sdk.evaluation.diversity import TOKENS, compression, distinct, repeated_turns, self_bleu, variety
from synth_sdk.evaluation.neighbours import near_duplicates
from synth_sdk.evaluation.surface import flow, manner, slips, spread
from synth_sdk.evaluation.templates import templated_turn_rate
from synth_sdk.evaluation.words import count_words, masked, tokens
from synth_sdk.quality.extras import has_sklearn

Figures = dict[str, float | None]
_LIKENESS = ("exact", "near80", "near60", "mean_max_sim")
NEEDS_EXTRA = tuple(f"dialogue_dup.{name}" for name in _LIKENESS)


def measure(dialogues: Sequence[Dialogue]) -> Figures:
    """The figures of `dialogues`, which are in the order of their digests. Those that depend on size are taken from the first ones."""
    first = dialogues[:DIVERSITY]
    figures: Figures = {}
    figures |= _named("turns", spread(len(one.speech) for one in dialogues))
    for role in ("user", "assistant"):
        figures |= _named(f"words_{role}_turn", spread(count_words(text) for one in dialogues for text in one.turns(role)))
    figures |= _wording(first)
    figures["templated_turn_rate"] = templated_turn_rate(first)
    figures |= _named("dialogue_dup", near_duplicates(dialogues[:NEIGHBOURS]) if has_sklearn() else dict.fromkeys(_LIKENESS))
    figures |= _edges(first)
    figures |= flow(first)
    figures |= manner(
        [text for one in first for text in one.turns("user")], [text for one in first for text in one.turns("assistant")]
    )
    figures["typo_proxy_per_1000w"] = slips(text for one in dialogues for _, text in one.speech)
    return figures


def _wording(dialogues: Sequence[Dialogue]) -> Figures:
    turns = [turn for one in dialogues for turn in one.speech]
    texts = [text for _, text in turns]
    words = {role: [tokens(masked(text)) for speaker, text in turns if speaker == role] for role in ("user", "assistant")}
    everything = [tokens(masked(text)) for text in texts]
    return {
        "ttr": distinct(everything, 1),
        "distinct2": distinct(everything, 2),
        "distinct3": distinct(everything, 3),
        "distinct2_user": distinct(words["user"], 2, TOKENS // 2),
        "distinct2_assistant": distinct(words["assistant"], 2, TOKENS // 2),
        "self_bleu4": self_bleu(texts),
        **compression(texts),
        "turn_exact_dup": repeated_turns(texts),
    }


def _edges(dialogues: Sequence[Dialogue]) -> Figures:
    spoken = [one for one in dialogues if one.speech]
    assisted = [one for one in spoken if one.turns("assistant")]
    return {
        **_named("opening_user", variety(next(iter(one.turns("user")), "") for one in spoken)),
        **_named("opening_assistant", variety(one.turns("assistant")[0] for one in assisted)),
        **_named("closing", variety(one.speech[-1][1] for one in spoken)),
    }


def _named(name: str, parts: Mapping[str, float | None]) -> Figures:
    return {f"{name}.{part}": value for part, value in parts.items()}
