"""One tree of errors. A message names the value, the rule and the way out.

    SynthError                      exit code 1
    |-- RequestError                exit code 2: the wish itself is wrong; nothing was spent or written
    |   |-- UnknownName             a name nobody knows, with the nearest ones
    |   |-- SchemaError             a schema that is malformed, unsatisfiable or not supported (keyword and JSON pointer)
    |   |-- PackError               a scenario pack with a flaw (file, line, rule)
    |   `-- OutputError             a destination that can't be written
    |-- ModelError                  one try of one arm failed (its Outcome says how)
    |-- NoRoute                     every arm failed; one reason for each
    |-- BudgetExhausted             the account can't hold one more call
    `-- WriteError                  the destination failed in the middle (disk full)

Every message passes through `redact`, so no error carries a key.
"""

import difflib
from collections.abc import Iterable, Mapping
from enum import StrEnum

from synth_sdk.core.redact import redact


class SynthError(Exception):
    """Base of all errors of this package. `exit_code` is what the command line returns for it."""

    exit_code = 1

    def __init__(self, message: str) -> None:
        super().__init__(redact(message))

    @property
    def message(self) -> str:
        return str(self.args[0])


class RequestError(SynthError):
    """The request is wrong; raised before anything is spent or written."""

    exit_code = 2


class UnknownName(RequestError):
    """`value` isn't one of `known`; the message offers the nearest names."""

    def __init__(self, what: str, value: str, known: Iterable[str], hint: str = "") -> None:
        known = sorted(known)
        self.what, self.value, self.known = what, value, known
        near = nearest(value, known)
        way_out = f"did you mean {' or '.join(near)}?" if near else f"choose one of: {', '.join(known) or 'none'}"
        super().__init__(f"unknown {what} {value!r}: {way_out}{' ' + hint if hint else ''}")


class SchemaError(RequestError):
    """A schema can't be used. `pointer` is a JSON pointer into the schema, `keyword` the one at fault."""

    def __init__(self, message: str, *, pointer: str = "", keyword: str = "") -> None:
        self.pointer, self.keyword = pointer, keyword
        where = f" (at {pointer or '/'}{', keyword ' + repr(keyword) if keyword else ''})"
        super().__init__(f"schema: {message}{where}")


class PackError(RequestError):
    """A scenario pack has a flaw. `line` counts from 1; `rule` is the lint rule's name."""

    def __init__(self, message: str, *, file: str = "", line: int | None = None, rule: str = "") -> None:
        self.file, self.line, self.rule = file, line, rule
        where = f"{file}:{line}: " if line is not None else f"{file}: " if file else ""
        super().__init__(f"{where}{message}{f' [{rule}]' if rule else ''}")


class OutputError(RequestError):
    """The destination can't be written; found before anything was spent."""


class WriteError(SynthError):
    """Writing failed in the middle; nothing stands under the final name."""


class Outcome(StrEnum):
    """How one try of one arm ended. The router's reaction to each is a table in `router.policy`."""

    ACCEPTED = "accepted"
    RATE_LIMITED = "rate limited"
    QUOTA = "quota used up"  # per-day quota, out of credit: the arm is out for this run
    UNAVAILABLE = "unavailable"  # 408, 5xx, no connection, a 200 with garbage
    TIMEOUT = "timed out"
    CONTEXT_TOO_LONG = "context too long"
    BAD_REQUEST = "bad request"
    REFUSED = "refused"  # 401, 403, 404: key or model id isn't accepted
    FILTERED = "content filtered"
    BROKEN = "schema broken"
    TRUNCATED = "truncated"
    REJECTED = "rejected by a check"
    DUPLICATE = "near-duplicate"
    UNAFFORDABLE = "over the budget"


class ModelError(SynthError):
    """One try of one arm failed.

    `retry_after` is the provider's stated delay in seconds, None if it stated none. `may_be_billed` says that the provider
    may have done paid work although no bill arrived (timeout, disconnect, a garbled 200): the reservation is then kept.
    """

    def __init__(
        self,
        message: str,
        *,
        outcome: Outcome,
        retry_after: float | None = None,
        may_be_billed: bool = False,
        status: int | None = None,
        native_finish_reason: str | None = None,
    ) -> None:
        self.outcome = outcome
        self.retry_after = retry_after
        self.may_be_billed = may_be_billed
        self.status = status
        self.native_finish_reason = native_finish_reason
        super().__init__(message)


class Rejected(SynthError):
    """An acceptance check turned a value down; the text is the reason that a re-ask quotes."""

    def __init__(self, reason: str, outcome: Outcome = Outcome.REJECTED) -> None:
        self.outcome = outcome
        super().__init__(reason)


class NoRoute(SynthError):
    """No arm produced an accepted value. `reasons` maps arm id to why it failed; `answered`: arms did answer, but nothing was accepted."""

    def __init__(self, reasons: Mapping[str, str], hint: str = "", *, answered: bool = False) -> None:
        self.reasons = {arm: redact(reason) for arm, reason in reasons.items()}
        self.answered = answered
        arms: dict[str, list[str]] = {}
        for arm, reason in self.reasons.items():
            arms.setdefault(reason, []).append(arm)
        told = "; ".join(f"{', '.join(alike)}: {reason}" for reason, alike in arms.items()) or "no arm is usable"
        super().__init__(f"no model produced the record: {told.rstrip('.')}{'. ' + hint if hint else ''}")


class BudgetExhausted(SynthError):
    """What is left of the cap can't hold the cheapest call that is still wanted."""


_MUCH_LESS = 0.2  # a name that is so much less alike than the nearest one isn't worth a mention


def nearest(value: str, known: Iterable[str], most: int = 3) -> list[str]:
    """The names most like `value`, best first; empty when none is close."""
    by_folded = {name.casefold(): name for name in known}
    hits = difflib.get_close_matches(value.casefold(), by_folded, n=most, cutoff=0.5)
    likeness = [difflib.SequenceMatcher(None, hit, value.casefold()).ratio() for hit in hits]
    return [by_folded[hit] for hit, like in zip(hits, likeness, strict=True) if like > likeness[0] - _MUCH_LESS]


def short(value: object) -> str:
    """A value as a message quotes it: at most 60 characters."""
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
