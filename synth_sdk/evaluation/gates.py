"""The gates: what must hold of a file, and the shares beside them."""

from collections import Counter
from dataclasses import dataclass

from synth_sdk.core.models import Json
from synth_sdk.evaluation.tallies import Findings, Tally
from synth_sdk.evaluation.toolcalls import CallsTally

STRUCTURE, CONSISTENCY = "structure", "consistency"
_CALLS = ("arguments-json", "arguments-schema", "undeclared-tool")


@dataclass(frozen=True, slots=True)
class Gate:
    """One count. `passed` is None where nothing is demanded; a `format` gate fails the command, the others only with --strict."""

    key: str
    title: str
    group: str
    value: float
    of: float | None
    wanted: str = ""
    passed: bool | None = None
    format: bool = False

    def to_dict(self) -> dict[str, Json]:
        return {"group": self.group, "value": self.value, "of": self.of, "wanted": self.wanted or None, "passed": self.passed}


def gates_of(records: int, unreadable: int, findings: Findings, tally: Tally) -> list[Gate]:
    """All gates of a file of conversations."""
    counts, read = tally.counts, tally.dialogues
    return [
        _all("sound_records", "records without a finding", records - findings.records, records, format=True),
        _none("unreadable_records", "records that can't be read", unreadable, records, format=True),
        _all("turn_taking", "turns alternate, calls are answered", counts["turn_taking"], read),
        _all("ends_with_assistant", "end with the assistant", counts["ends_with_assistant"], read),
        *_of_calls(counts, findings),
        _none(
            "unsourced_mentions",
            "things the assistant mentions and nobody gave",
            counts["mentions_unsourced"],
            counts["mentions"],
        ),
        _none("email_conflicts", "dialogues that mix up e-mail addresses", counts["email_conflict"], counts["mailed"]),
    ]


def _of_calls(counts: Counter[str], findings: Findings) -> list[Gate]:
    if not counts["calls"]:
        return []
    rules = findings.by_rule
    return [
        Gate("calls", "tool calls", CONSISTENCY, counts["calls"], None),
        *_sound_calls(rules, counts["calls"]),
        Gate("results_used", "results used in the next reply", CONSISTENCY, counts["results_used"], counts["results"]),
        Gate(
            "arguments_grounded",
            "values of arguments heard before",
            CONSISTENCY,
            counts["argument_values_grounded"],
            counts["argument_values"],
        ),
    ]


def _sound_calls(rules: Counter[str], calls: int) -> list[Gate]:
    titles = ("arguments that are not JSON", "arguments that break their schema", "calls of undeclared tools")
    return [
        _none(rule.replace("-", "_"), title, rules[rule], calls, CONSISTENCY, format=True)
        for rule, title in zip(_CALLS, titles, strict=True)
    ]


def gates_of_calls(tally: CallsTally) -> list[Gate]:
    """All gates of a file of tool calls."""
    records, findings = tally.records, tally.findings
    return [
        _all("sound_records", "records without a finding", records - findings.records, records, format=True),
        _none("repeated_ids", "ids that stand twice", findings.by_rule["call-id"], records, format=True),
        Gate("negatives", "records labelled as no call or wrong", CONSISTENCY, tally.negatives, records),
        *_sound_calls(findings.by_rule, tally.calls),
    ]


def _all(key: str, title: str, value: int, of: int, *, format: bool = False) -> Gate:
    return Gate(key, title, STRUCTURE, value, of, "all", value == of, format)


def _none(key: str, title: str, value: int, of: int, group: str = "", *, format: bool = False) -> Gate:
    home = group or (STRUCTURE if format else CONSISTENCY)
    return Gate(key, title, home, value, of, "none", value == 0, format)
