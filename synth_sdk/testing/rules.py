"""What every rule must keep to."""

import copy
from collections.abc import Iterable

from synth_sdk.core.models import Json
from synth_sdk.core.rules import Rule
from synth_sdk.testing.must import must

_LONGEST = 200  # characters of a flaw that reach a model


def check_rule(rule: Rule | type[Rule], *, good: Iterable[Json], bad: Iterable[Json]) -> None:
    """`rule` (a function, or a class built without arguments) lets each record of `good` pass and turns each of `bad` down, in short
    texts on one line. It says the same of the same record, and leaves the record as it was.
    """
    check = rule() if isinstance(rule, type) else rule
    good, bad = list(good), list(bad)
    must(good and bad, "give at least one good and one bad record: a rule that says the same of all is none")
    for record in (*good, *bad):
        _check_words(check, record)
    for record in good:
        must(not list(check(record)), f"it turns down a good record: {list(check(record))[:1]} of {_shown(record)}")
    for record in bad:
        must(list(check(record)), f"it lets a bad record pass: {_shown(record)}")


def _check_words(check: Rule, record: Json) -> None:
    before = copy.deepcopy(record)
    try:
        found = check(record)
        must(not isinstance(found, str), f"it gives one text where a list of texts is expected: {found!r}")
        must(
            isinstance(found, Iterable),
            f"it gives {found!r} where the texts of flaws are expected; give [] for a record that passes",
        )
        flaws = list(found)
    except Exception as error:
        if isinstance(error, AssertionError):
            raise
        raise AssertionError(f"it raises {type(error).__name__}: {error} for {_shown(record)}") from error
    must(record == before, f"it changes the record: {_shown(before)} became {_shown(record)}")
    for flaw in flaws:
        must(isinstance(flaw, str) and flaw.strip(), f"a flaw must be a text, not {flaw!r}")
        must(
            "\n" not in flaw and len(flaw) <= _LONGEST, f"a flaw is one line of at most {_LONGEST} characters, not {_shown(flaw)}"
        )
    must(list(check(record)) == flaws, f"it says something else of the same record the second time: {_shown(record)}")


def _shown(value: Json) -> str:
    text = repr(value)
    return text if len(text) <= 120 else f"{text[:120]}..."
