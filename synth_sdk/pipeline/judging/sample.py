"""Which bought records are judged: a fixed share of each block, so that it matters neither which block is done first nor who runs it."""

from collections.abc import Iterable, Sequence

from synth_sdk.core.generators import Made
from synth_sdk.core.seeds import derive
from synth_sdk.pipeline.produce import BLOCK

RATE = 0.05
FEWEST, MOST = 4, 50  # records of a run
_BOUGHT = ("llm", "cache")


def quota(block: int, count: int, rate: float = RATE) -> int:
    """How many records of block number `block` are judged in a run of `count` records. The quotas of all blocks add up to `rate` of
    the run, within 4 and 50, and are spread evenly."""
    wanted = min(count, MOST, max(FEWEST, round(rate * count)))
    blocks = -(-count // BLOCK)
    return wanted * (block + 1) // blocks - wanted * block // blocks


def sampled(made: Sequence[Made], seed: int, count: int, rate: float = RATE) -> list[Made]:
    """The records of one block that are judged: of those that were bought, the first in an order drawn from the seed."""
    bought = list(_bought(made))
    if not bought:
        return []
    drawn = sorted(bought, key=lambda one: derive(seed, "judge", one.index))
    return sorted(drawn[: quota(bought[0].index // BLOCK, count, rate)], key=lambda one: one.index)


def _bought(made: Iterable[Made]) -> Iterable[Made]:
    return (one for one in made if one.provenance is not None and one.provenance.origin in _BOUGHT)
