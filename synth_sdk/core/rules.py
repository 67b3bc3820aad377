"""What a delivered record must pass beside its schema: rules that users add."""

from collections.abc import Callable, Iterable
from typing import Protocol, TypeVar

from synth_sdk.core import plugins
from synth_sdk.core.errors import RequestError
from synth_sdk.core.models import Json

R = TypeVar("R")


class Rule(Protocol):
    """One promise about records, registered by name under `synth_sdk.rules` and asked for with `--rule NAME`. A plain function will do,
    and so will a class that is built without arguments.

    Returns what is wrong with the record, each in a few words that a model could act on; nothing when it passes. A pure function of
    the record as its kind makes it, before it is put into a dialect.
    """

    def __call__(self, record: Json) -> Iterable[str]: ...


def rule(name: str) -> Callable[[R], R]:
    """Make the decorated function (or class) known as a rule in this process: `--rule NAME`, `rules=[NAME]`.

        @rule("short")
        def short(record):
            if len(record["text"]) > 80:
                yield "the text must have at most 80 characters"

    RequestError for the name of a built-in rule.
    """
    if plugins.builtin("rules", name):
        raise RequestError(f"rule {name!r} is built in: choose another name")

    def keep(part: R) -> R:
        plugins.register("rules", name, part)
        return part

    return keep
