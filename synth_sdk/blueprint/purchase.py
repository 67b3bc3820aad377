"""Having the parts of a blueprint written: all at once, each on its own; what fails is told and left to the offline original."""

import asyncio
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

from synth_sdk.blueprint.model import Blueprint, Files
from synth_sdk.core.errors import BudgetExhausted, NoRoute, SynthError
from synth_sdk.core.models import Completion, Json, Model, Request

USEFUL = 0.25  # the least share of parts that makes a blueprint worth more than its offline original


@dataclass(frozen=True, slots=True)
class Parts:
    """The accepted values in the order of their requests, None where there is none, and what they cost in micro-dollars."""

    values: tuple[Json, ...]
    reasons: tuple[str, ...]
    models: tuple[str, ...]
    cost_micros: int
    saved_micros: int

    @classmethod
    def together(cls, several: "Sequence[Parts]") -> "Parts":
        """The parts of several purchases as those of one."""
        return cls(
            values=tuple(value for parts in several for value in parts.values),
            reasons=tuple(reason for parts in several for reason in parts.reasons),
            models=tuple(sorted({name for parts in several for name in parts.models})),
            cost_micros=sum(parts.cost_micros for parts in several),
            saved_micros=sum(parts.saved_micros for parts in several),
        )

    def blueprint(self, files: Files, about: str, notes: Sequence[str] = ()) -> Blueprint:
        """The blueprint that was made of them."""
        return Blueprint(
            files=files,
            about=about,
            parts=len(self.values),
            reasons=self.reasons,
            models=self.models,
            cost_micros=self.cost_micros,
            saved_micros=self.saved_micros,
            notes=notes,
        )


async def buy(model: Model, requests: Sequence[Request], useful: float = USEFUL) -> Parts:
    """Every request through `model`. Raises NoRoute or BudgetExhausted when less than the share `useful` of them was accepted."""
    answers = await asyncio.gather(*(model.complete(request) for request in requests), return_exceptions=True)
    done: list[Completion] = []
    failed: list[SynthError] = []
    for answer in answers:
        if isinstance(answer, Completion):
            done.append(answer)
        elif isinstance(answer, SynthError):
            failed.append(answer)
        else:
            raise answer
    if len(done) < useful * len(requests) or not done:
        raise _too_few(len(done), len(requests), failed)
    return Parts(
        values=tuple(answer.value if isinstance(answer, Completion) else None for answer in answers),
        reasons=tuple(error.message for error in failed),
        models=tuple(sorted({answer.model for answer in done if answer.model})),
        cost_micros=sum(answer.cost_micros for answer in done),
        saved_micros=sum(answer.saved_micros for answer in done),
    )


def _too_few(done: int, wanted: int, failed: Sequence[SynthError]) -> SynthError:
    """The error of a blueprint that didn't come about: money, if that was what lacked, else one reason for each arm."""
    told = f"only {done} of {wanted} parts of the blueprint were written"
    for error in failed:
        if isinstance(error, BudgetExhausted):
            return BudgetExhausted(f"{told}: {error.message}")
    reasons: dict[str, str] = {}
    for error in failed:
        for arm, reason in (error.reasons if isinstance(error, NoRoute) else {"blueprint": error.message}).items():
            reasons.setdefault(arm, reason)
    return NoRoute(reasons, hint=told)


def key_of(requests: Sequence[Request], *more: str) -> str:
    """Twelve hex digits that change with any request, or with any text in `more`."""
    told = [[request.task, request.instructions, request.brief, request.schema, request.slot] for request in requests]
    return hashlib.sha256(json.dumps([told, more], sort_keys=True, default=dict).encode()).hexdigest()[:12]
