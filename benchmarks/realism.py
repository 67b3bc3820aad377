"""How lifelike the built-in packs are: the gates and the human envelope of each, as `synth eval` measures them.

Usage: python benchmarks/realism.py [COUNT] [SEED] [PACK...]      (200 dialogues of seed 0 of every pack)
"""

import sys

from synth_sdk import Synth

COLUMNS = {
    "templated": "templated_turn_rate",
    "dup": "turn_exact_dup",
    "near80": "dialogue_dup.near80",
    "selfBLEU": "self_bleu4",
    "dist2": "distinct2",
    "open": "opening_user.distinct",
    "close": "closing.distinct",
    "turns": "turns.p50",
    "user": "words_user_turn.mean",
    "agent": "words_assistant_turn.mean",
}


def main() -> None:
    count, seed = (int(sys.argv[place]) if len(sys.argv) > place else default for place, default in ((1, 200), (2, 0)))
    synth = Synth(env={})
    print(f"{'':20}{'human':>6}{'broken':>7}" + "".join(f"{name:>10}" for name in COLUMNS))
    for pack in sys.argv[3:] or synth.templates("conversation"):
        found = synth.evaluate(synth.generate("conversation", pack=pack, count=count, seed=seed).records)
        told = found.to_dict()
        figures, broken = told["metrics"], sum(gate["passed"] is False for gate in told["gates"].values())
        row = "".join(f"{figures[key]:>10.3f}" for key in COLUMNS.values())
        print(f"{pack:20}{told['envelope']['inside']:>6}{broken:>7}{row}")


if __name__ == "__main__":
    main()
