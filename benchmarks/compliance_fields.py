"""How well fields are told by their names and schemas: recall and false flags for each sort of data, on the labelled properties of the tests.

The list was written by the same hand as the lexicon, so the figures say that the two agree, not how either does on schemas of others.

Usage: python benchmarks/compliance_fields.py
"""

import sys
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from synth_sdk.compliance.frameworks.fields import data_category
from tests.compliance.labelled import labelled


def main() -> None:
    wanted, found, false = Counter[str](), Counter[str](), Counter[str]()
    missed = []
    for one in labelled():
        said = data_category(one.name, one.node, one.around)
        if one.category:
            wanted[one.category] += 1
            found[one.category] += said == one.category
        if said and said != one.category:
            false[said] += 1
        if said != one.category:
            missed.append(f"{one.name} {one.node or ''}: {said}, not {one.category}")
    others = len(labelled())
    print(f"{'sort of data':<14} {'fields':>6} {'recall':>7} {'false':>6} {'of others':>10}")
    for category in sorted(wanted):
        rest = others - wanted[category]
        print(
            f"{category:<14} {wanted[category]:>6} {found[category] / wanted[category]:>7.1%} {false[category]:>6} {false[category] / rest:>10.2%}"
        )
    clean = others - wanted.total()
    flagged = sum(bool(data_category(one.name, one.node, one.around)) for one in labelled() if not one.category)
    print(
        f"{'all':<14} {wanted.total():>6} {found.total() / wanted.total():>7.1%}; {flagged} of {clean} clean fields flagged ({flagged / clean:.2%})"
    )
    print(*missed, sep="\n")


if __name__ == "__main__":
    main()
