"""What every destination must keep to."""

from collections.abc import Callable, Sequence

from synth_sdk.core.batches import Records
from synth_sdk.core.errors import OutputError
from synth_sdk.core.models import Json
from synth_sdk.sinks import Shape
from synth_sdk.sinks.destinations import Destination, Wanted
from synth_sdk.testing.must import must

Make = Callable[[str, Wanted], Destination]
Read = Callable[[], Sequence[Json] | None]

_SCHEMA: Json = {
    "type": "object",
    "properties": {"n": {"type": "integer"}, "text": {"type": "string"}, "part": {"type": ["number", "null"]}},
    "required": ["n", "text", "part"],
    "additionalProperties": False,
}
_RECORDS: list[Json] = [
    {"n": number, "text": f"Zoë '{number}',\n\"x\"", "part": None if number % 3 else number / 4} for number in range(50)
]
_SECRET = "pass-word-of-nobody"  # noqa: S105 - of a URL that must be refused


def check_destination(make: Make, url: str, read: Read, *, refused: str | None = None) -> None:
    """`make(url, wanted)` opens a place where nothing is yet; `read()` gives the records that stand there, None where nothing does.
    `refused` is a URL, with a password `pass-word-of-nobody`, that can't be opened.

    Nothing is there before a commit, nor after a load that was broken off. What is committed is all of it, as it was put in. The same load again
    changes nothing, and says so; another one is refused where `if_exists` is "fail", and takes the place of the first where it is "replace".
    """
    _break_off(make, url, read)
    warnings = _load(make, url, Wanted(fingerprint="a" * 16), _RECORDS)
    must(list(read() or ()) == _RECORDS, "records come back changed, or not all of them do")
    must(warnings == [], f"a first load gives warnings: {warnings}")
    warnings = _load(make, url, Wanted(fingerprint="a" * 16), _RECORDS)
    must(list(read() or ()) == _RECORDS, "the same load a second time isn't the same as once")
    must(warnings, "the same load a second time gives no warning")
    _refuse_another(make, url)
    must(list(read() or ()) == _RECORDS, "a load that was refused changed what was there")
    _load(make, url, Wanted(fingerprint="b" * 16, if_exists="replace"), _RECORDS[:7])
    must(list(read() or ()) == _RECORDS[:7], "a load that replaces leaves something of what was there, or lacks something")
    if refused:
        _refuse(make, refused)


def _load(make: Make, url: str, wanted: Wanted, records: Sequence[Json]) -> list[str]:
    with make(url, wanted) as place:
        must(_SECRET not in place.location, "the location holds a password")
        with place.open("checked", Shape(schema=_SCHEMA, name="checked")) as sink:
            for start in (0, 20):
                sink.take(Records(records[start : start + 20 if start == 0 else None]))
            must(sink.count == len(records), f"the sink counts {sink.count} of {len(records)} records")
            sink.commit()
        place.commit(
            {"fingerprint": wanted.fingerprint, "rows": len(records), "row_digest": wanted.fingerprint, "kind": "json", "seed": 0}
        )
        return list(place.warnings)


def _break_off(make: Make, url: str, read: Read) -> None:
    with make(url, Wanted(fingerprint="c" * 16)) as place, place.open("checked", Shape(schema=_SCHEMA, name="checked")) as sink:
        sink.take(Records(_RECORDS))
        must(not read(), "records are seen before they are committed")
    must(not read(), "a load that was broken off leaves records behind")


def _refuse_another(make: Make, url: str) -> None:
    try:
        _load(make, url, Wanted(fingerprint="d" * 16), _RECORDS[:3])
    except OutputError:
        return
    raise AssertionError('another load goes where something is already, though `if_exists` is "fail"')


def _refuse(make: Make, url: str) -> None:
    try:
        make(url, Wanted()).__exit__(None, None, None)
    except OutputError as error:
        seen: BaseException | None = error
        while seen is not None:
            must(_SECRET not in str(seen) and _SECRET not in repr(seen.args), "a message holds the password")
            seen = seen.__cause__ or seen.__context__
        return
    raise AssertionError("a place that can't be opened is opened, where OutputError is expected")
