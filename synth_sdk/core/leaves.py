"""What stands at the ends of a JSON value."""

from collections.abc import Iterator

from synth_sdk.core.models import Json


def leaves(value: Json) -> Iterator[Json]:
    """The texts, numbers, booleans and nulls in `value`, at any depth, in no particular order."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one
        else:
            yield one
