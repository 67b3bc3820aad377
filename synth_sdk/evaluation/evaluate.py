"""One pass over a file: every record through the gates, a sample of them measured."""

from collections.abc import Iterable, Iterator
from itertools import chain, islice
from os import PathLike, fspath
from typing import Any

from synth_sdk.core.errors import UnknownName
from synth_sdk.core.models import Json
from synth_sdk.dialogue.dialects import DIALECTS, Finding, detect_all, examine
from synth_sdk.evaluation.dialogues import Dialogue, Sample
from synth_sdk.evaluation.envelope import envelope
from synth_sdk.evaluation.gates import gates_of, gates_of_calls
from synth_sdk.evaluation.likeness import Likeness, compare
from synth_sdk.evaluation.measures import Figures, measure
from synth_sdk.evaluation.result import Evaluation
from synth_sdk.evaluation.source import read, refusal
from synth_sdk.evaluation.tallies import Findings, Tally
from synth_sdk.evaluation.toolcalls import check_calls, is_call

AUTO = "auto"
MEMORY = "records in memory"
_LOOKED_AT = 64  # records that tell a file's dialect
_READS = "synth eval reads conversations (synth, openai, trl, sharegpt, bedrock, anthropic) and tool calls"
_KINDS = {
    "an agent trace": {"trace_id", "steps"},
    "a trajectory": {"nodes", "edges"},
    "a point of a time series": {"timestamp", "value"},
    "an event": {"timestamp", "event_type"},
    "a text": {"text"},
}
Records = Iterable[tuple[int, Json]]


def evaluate(source: str | PathLike[str] | Iterable[Json], *, like: Any = None, dialect: str = AUTO) -> Evaluation:
    """Evaluate a file of conversations or tool calls ("-": standard input), or records in memory; `like`: a sample to hold it against.

    `dialect`: of `source`; `auto` tells it by the first records. RequestError when there is nothing to evaluate.
    """
    if dialect not in (AUTO, *DIALECTS):
        raise UnknownName("dialect", dialect, (AUTO, *DIALECTS))
    name, records = _opened(source)
    head = list(islice(records, _LOOKED_AT))
    if not head:
        raise refusal(name, None, f"holds no record; {_READS}")
    every = _numbered(chain(head, records))
    if dialect == AUTO and is_call(head[0][1]):
        return _of_calls(name, every)
    spoken = _dialect(name, head) if dialect == AUTO else dialect
    own = _pass(spoken, every)
    figures = measure(own.dialogues) if own.dialogues else {}
    return Evaluation(
        file=name or MEMORY,
        dialect=spoken,
        records=own.records,
        flaws=own.findings,
        gates=gates_of(own.records, own.unreadable, own.findings, own.tally),
        figures=figures,
        ranges=envelope(figures),
        sample=own.dialogues,
        likeness=_likeness(like, own.dialogues) if like is not None else None,
    )


class _Pass:
    """What one pass over records leaves."""

    __slots__ = ("_sample", "findings", "records", "tally", "unreadable")

    def __init__(self) -> None:
        self.records = self.unreadable = 0
        self.findings, self.tally = Findings(), Tally()
        self._sample = Sample()

    def add(self, record: dict[str, Any] | None, found: list[Finding], number: int) -> None:
        """One record as it was examined; None if it can't be read."""
        self.records += 1
        self.findings.add(found)
        if record is None:
            self.unreadable += 1
            return
        self.tally.add(record["messages"], record.get("tools") or [])
        self._sample.add(Dialogue.of(record, number))

    @property
    def dialogues(self) -> list[Dialogue]:
        """The sample."""
        return list(self._sample)


def _pass(dialect: str, records: Records) -> _Pass:
    made = _Pass()
    for number, given in records:
        made.add(*examine(given, dialect, number), number)
    return made


def _opened(source: Any) -> tuple[str | None, Iterator[tuple[int, Json]]]:
    """The source's name (None: memory) and its (line, record)s."""
    if isinstance(source, str | PathLike):
        return fspath(source), read(fspath(source))
    return None, iter(enumerate(source, 1))


def _numbered(records: Records) -> Iterator[tuple[int, Json]]:
    """Records by their number instead of their line."""
    return enumerate((record for _, record in records), 1)


def _dialect(name: str | None, head: list[tuple[int, Json]]) -> str:
    """The dialect of a file that begins so; RequestError, saying what stands there, if it holds no conversations."""
    found = detect_all(record for _, record in head)
    if found:
        return found
    line, record = head[0]
    raise refusal(name, line, f"{_kind(record)}, not a conversation; {_READS}")


def _kind(record: Json) -> str:
    if not isinstance(record, dict):
        return f"a JSON {'array' if isinstance(record, list) else 'value'}"
    named = next((kind for kind, keys in _KINDS.items() if keys <= record.keys()), "")
    return named or f"a record with the keys {', '.join(map(repr, list(record)[:5])) or '(none)'}"


def _of_calls(name: str | None, records: Records) -> Evaluation:
    tally = check_calls(records)
    return Evaluation(
        file=name or MEMORY,
        dialect="tool_call",
        records=tally.records,
        flaws=tally.findings,
        gates=gates_of_calls(tally),
        figures={},
        ranges=[],
        sample=[],
    )


def _likeness(like: Any, own: list[Dialogue]) -> Likeness:
    name, records = _opened(like)
    head = list(islice(records, _LOOKED_AT))
    if not head:
        raise refusal(name, None, f"holds no record; {_READS}")
    other = _pass(_dialect(name, head), _numbered(chain(head, records)))
    if not other.dialogues:
        raise refusal(name, None, f"none of its records can be read ({other.findings.first[0]}); mend it first")
    figures: Figures = measure(other.dialogues)
    return compare(name or MEMORY, other.records, own, other.dialogues, figures)
