"""What is asked for: records whose difficulty only the farm knows, as real Requests with a real, perhaps noisy, check."""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.provider_farm.draws import Draws, normal_cdf
from synth_sdk.core.errors import Rejected
from synth_sdk.core.models import Json, Request

SCHEMA: dict[str, Json] = {
    "type": "object",
    "properties": {"record": {"type": "integer"}, "good": {"type": "boolean"}, "draw": {"type": "number"}},
    "required": ["record", "good", "draw"],
    "additionalProperties": False,
}
INSTRUCTIONS = "You write one support conversation for each brief, as JSON, in the house's tone and within its rules. " * 46
BRIEF = "Brief #{number}: " + "a customer, an order, what went wrong with it, and how the call should end. " * 8
_NUMBER = re.compile(r"#(\d+)")
TYPICAL_OUTPUT = 280.0  # tokens of a record, at the median
OUTPUT_SD = 0.3  # of their log
OUTPUT_BOUND = 900  # what the generator says that a record takes at most
PREFIX_TOKENS = len(INSTRUCTIONS) / 4
BRIEF_TOKENS = len(BRIEF) / 4 + 60  # with the record's share of schema and frame


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One record. `hint` in 0-1 is its generator's guess of the difficulty; `tokens` its length for a typical writer."""

    number: int
    difficulty: float
    hint: float
    tokens: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Noise:
    """How often the check turns a good record down, and lets a bad one pass."""

    false_reject: float = 0.0
    false_accept: float = 0.0

    def accepted(self, validity: float) -> float:
        """The chance that a readable record passes."""
        return validity * (1 - self.false_reject) + (1 - validity) * self.false_accept

    def check(self, value: Json) -> Json:
        """A function of the value alone, as checks are: the noise is drawn from what the value carries."""
        good, draw = value["good"], value["draw"]
        if (good and draw >= self.false_reject) or (not good and draw < self.false_accept):
            return value
        raise Rejected("the record breaks a rule of its task")


def numbers_in(prompt: str) -> list[int]:
    """The records that a prompt asks for, in order."""
    return [int(number) for number in _NUMBER.findall(prompt)]


def wanted(seed: int, number: int, shift: float, hint_strength: float) -> Wanted:
    """Record `number` of a run. The hint's rank correlates with the difficulty by `hint_strength` (0: it says nothing)."""
    draws = Draws(seed, number, 1)
    deviation, noise = draws.normal(), draws.normal()
    guess = hint_strength * deviation + (1 - hint_strength**2) ** 0.5 * noise
    length = TYPICAL_OUTPUT * math.exp(OUTPUT_SD * draws.normal())
    return Wanted(number=number, difficulty=deviation + shift, hint=normal_cdf(guess), tokens=length)


def request(record: Wanted, check: Callable[[Json], Json]) -> Request:
    return Request(
        task="support",
        instructions=INSTRUCTIONS,
        brief=BRIEF.format(number=record.number),
        schema=SCHEMA,
        check=check,
        output_tokens=OUTPUT_BOUND,
        difficulty=record.hint,
    )
