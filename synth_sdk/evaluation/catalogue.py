"""What the figures are called where people read them, in the order in which they are shown."""

from dataclasses import dataclass

DIVERSITY, SHAPE, MANNER = "diversity", "turns and flow", "manner"


@dataclass(frozen=True, slots=True)
class Entry:
    """A figure's key, title and group."""

    key: str
    title: str
    group: str


ENTRIES = tuple(
    Entry(key, title, group)
    for group, entries in {
        DIVERSITY: {
            "templated_turn_rate": "templated turns",
            "turn_exact_dup": "exact duplicate turns",
            "ttr": "distinct-1",
            "distinct2": "distinct-2",
            "distinct3": "distinct-3",
            "distinct2_user": "distinct-2, user",
            "distinct2_assistant": "distinct-2, assistant",
            "self_bleu4": "self-BLEU-4",
            "gzip_ratio": "gzip ratio",
            "lzma_ratio": "lzma ratio",
            "opening_user.distinct": "distinct openings",
            "opening_user.top1": "commonest opening",
            "opening_user.prefix3_top5": "five commonest beginnings of openings",
            "opening_user.prefix3_entropy_bits": "entropy of beginnings, bits",
            "closing.distinct": "distinct closings",
            "closing.top1": "commonest closing",
            "closing.prefix3_entropy_bits": "entropy of closings, bits",
            "dialogue_dup.exact": "dialogues that repeat another",
            "dialogue_dup.near80": "dialogues with a neighbour above .8",
            "dialogue_dup.near60": "dialogues with a neighbour above .6",
            "dialogue_dup.mean_max_sim": "mean likeness to the nearest",
        },
        SHAPE: {
            "turns.p50": "turns, median",
            "turns.cv": "turns, variation",
            "words_user_turn.mean": "words per user turn",
            "words_user_turn.cv": "words per user turn, variation",
            "words_assistant_turn.mean": "words per assistant turn",
            "words_assistant_turn.cv": "words per assistant turn, variation",
            "flow_shapes_distinct": "distinct flows",
            "flow_top1": "commonest flow",
        },
        MANNER: {
            "question_rate_user": "user turns with a question",
            "question_rate_assistant": "assistant turns with a question",
            "short_user_turn_rate": "user turns of three words or fewer",
            "disfluency_per_100w_user": "hesitations in 100 words, user",
            "lower_start_user": "user turns in lower case",
            "no_end_punct_user": "user turns without a full stop",
            "no_apostrophe_per_1000w_user": "left-out apostrophes in 1,000 words, user",
            "typo_proxy_per_1000w": "slips of the pen in 1,000 words",
        },
    }.items()
    for key, title in entries.items()
)
GROUPS = (DIVERSITY, SHAPE, MANNER)
