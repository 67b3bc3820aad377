"""The history in a table of DynamoDB, shared by everyone who may use it.

All runs stand under one partition key, so that an index in the order of time lists the newest first; DynamoDB takes about a thousand new
runs a second there. The table is made with the first run where there is none: billed on demand, an index `newest`. Nothing is pruned by
itself, since a table has many users.

A run is put there when it has gone on for a second, and again when it is over: most runs are shorter, and none waits for a network before
it begins. Whether it lives is known to its own machine, which notes it in a file; to others it is killed after a day.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from functools import cached_property
from itertools import islice
from pathlib import Path
from threading import Timer
from typing import Any

from synth_sdk.history.aws import Answered, asked, session_and_options
from synth_sdk.history.entries import KILLED, RUNNING, Entry, stamp
from synth_sdk.history.packing import packed, unpacked
from synth_sdk.history.places import Table
from synth_sdk.history.store import MOST_RUNS, History, HistoryError
from synth_sdk.history.underway import UnderWay, as_it_looks

_BOOK = "runs"
_NEWEST = "newest"
_PACKED = ("request", "report", "document")
_NUMBERS = ("count", "records", "exit_code", "seed")
_SECONDS_BETWEEN_LOOKS, _LOOKS = 1, 30  # while a new table gets ready
_SECONDS_TO_BEGIN = 1.0
_NO_TABLE, _BEING_MADE, _IS_THERE = "ResourceNotFoundException", "ResourceInUseException", "ConditionalCheckFailedException"
_DECISIVE = ("AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_DYNAMODB")
_DEFINITION: Mapping[str, Any] = {
    "BillingMode": "PAY_PER_REQUEST",
    "AttributeDefinitions": [{"AttributeName": name, "AttributeType": "S"} for name in ("book", "id", "started_at")],
    "KeySchema": [{"AttributeName": "book", "KeyType": "HASH"}, {"AttributeName": "id", "KeyType": "RANGE"}],
    "GlobalSecondaryIndexes": [
        {
            "IndexName": _NEWEST,
            "KeySchema": [{"AttributeName": "book", "KeyType": "HASH"}, {"AttributeName": "started_at", "KeyType": "RANGE"}],
            "Projection": {"ProjectionType": "ALL"},
        }
    ],
}


class DynamoHistory(History):
    """Built from what a URL says; `env` has the credentials (None: those of the process). It connects when it is first used.

    `home` is where the runs of this machine are noted that are going on (None: they aren't).
    """

    def __init__(self, table: Table, env: Mapping[str, str] | None = None, home: Path | None = None) -> None:
        self._place, self._env = table, env
        self.warnings: list[str] = []
        self._underway = UnderWay(home / _folder(table, env or {})) if home else None
        self._beginning: Timer | None = None

    def begin(self, entry: Entry) -> None:
        if self._underway is None:
            return
        try:
            self._underway.begin(entry)
        except OSError as error:
            raise HistoryError(f"{self._what('written')}: {self._underway.folder}: {error.strerror}") from None
        self._beginning = Timer(_SECONDS_TO_BEGIN, self._announce, (entry,))
        self._beginning.daemon = True
        self._beginning.start()

    def add(self, entry: Entry) -> None:
        self._begun()
        self._put(entry)
        self._settle()
        if self._underway:
            self._underway.end(entry.id)

    def walk(self, *, kind: str | None = None, status: str | None = None, since: datetime | None = None) -> Iterator[Entry]:
        found = filter(None, map(self._entry, self._newest(_query(kind, status, since))))
        return (entry for entry in found if status in (None, entry.status))

    def starting_with(self, prefix: str) -> list[str]:
        from boto3.dynamodb.conditions import Key

        wanted = Key("book").eq(_BOOK) & Key("id").begins_with(prefix)
        found = self._read("query", KeyConditionExpression=wanted, ProjectionExpression="id", Limit=3)
        return [str(item["id"]) for item in found.get("Items", ())]

    def of_id(self, id: str) -> Entry | None:
        item = self._read("get_item", Key=_key(id), ConsistentRead=True).get("Item") if id else None
        return self._entry(item) if item else None

    def forget(self, ids: Iterable[str]) -> int:
        self._settle()
        with suppress(Answered):  # there is no table
            return sum(map(self._delete, ids))
        return 0

    def prune(self, newest: int = MOST_RUNS) -> int:
        items = self._newest({**_query(None, None, None), "ProjectionExpression": "id"})
        return self.forget([str(item["id"]) for item in islice(items, newest, None)])

    def close(self) -> None:
        self._begun()
        if self._underway:
            self._underway.end()
        if "_table" in self.__dict__:
            self._table.meta.client.close()

    def _announce(self, entry: Entry) -> None:
        """In a thread of its own: put a run there that goes on. What keeps that from working is told when the run ends."""
        with suppress(Exception):
            self._put_new(entry)

    def _begun(self) -> None:
        """The run's beginning is there, or won't be."""
        if self._beginning:
            self._beginning.cancel()
            self._beginning.join()
            self._beginning = None

    def _settle(self) -> None:
        """Runs of this machine that were killed are so for everyone."""
        killed = self._underway.ended() if self._underway else []
        for entry in killed:
            self._put_new(entry)
        if self._underway:
            self._underway.forget(killed)

    def _put_new(self, entry: Entry) -> None:
        """Put it there unless that run is over."""
        from boto3.dynamodb.conditions import Attr

        with suppress(Answered):
            self._put(entry, _IS_THERE, ConditionExpression=Attr("id").not_exists() | Attr("status").eq(RUNNING))

    def _put(self, entry: Entry, *signals: str, **conditions: Any) -> None:
        item = {"book": _BOOK, **entry.to_dict(), **{name: packed(getattr(entry, name)) for name in _PACKED}}
        try:
            self._asked("written", "put_item", _NO_TABLE, *signals, Item=item, **conditions)
        except Answered as answered:
            if answered.code != _NO_TABLE:
                raise
            self._make()
            self._asked("written", "put_item", *signals, Item=item, **conditions)

    def _entry(self, item: Mapping[str, Any]) -> Entry | None:
        entry = _entry(item)
        if entry is None or entry.status != RUNNING:
            return entry
        return as_it_looks(entry, self._underway.lives(entry.id) if self._underway else None)

    def _delete(self, id: str) -> bool:
        return "Attributes" in self._asked("written", "delete_item", _NO_TABLE, Key=_key(id), ReturnValues="ALL_OLD")

    @cached_property
    def _table(self) -> Any:
        session, options = session_and_options("dynamodb", self._env, self._place.region)
        return session.resource("dynamodb", **options).Table(self._place.name)

    def _newest(self, query: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
        """The items that `query` finds, newest first, a page at a time."""
        page = self._read("query", **query)
        yield from page.get("Items", ())
        while "LastEvaluatedKey" in page:
            page = self._read("query", **query, ExclusiveStartKey=page["LastEvaluatedKey"])
            yield from page["Items"]

    def _make(self) -> None:
        """The table, and wait until it can be used. Another process may be making it at this moment."""
        client, what = self._table.meta.client, self._what("made")
        with suppress(Answered):
            asked(what, client.create_table, _BEING_MADE, TableName=self._place.name, **_DEFINITION)
        waiter = client.get_waiter("table_exists")
        asked(
            what, waiter.wait, TableName=self._place.name, WaiterConfig={"Delay": _SECONDS_BETWEEN_LOOKS, "MaxAttempts": _LOOKS}
        )

    def _read(self, action: str, **given: Any) -> Mapping[str, Any]:
        """Empty where there is no table yet."""
        try:
            return self._asked("read", action, _NO_TABLE, **given)
        except Answered:
            return {}

    def _asked(self, what: str, action: str, *signals: str, **given: Any) -> Mapping[str, Any]:
        table = asked(self._what(what), lambda: self._table)
        answer: Mapping[str, Any] = asked(self._what(what), getattr(table, action), *signals, **given)
        return answer

    def _what(self, what: str) -> str:
        return f"history: the table {self._place.name!r} of DynamoDB can't be {what}"


def _folder(table: Table, env: Mapping[str, str]) -> str:
    """The folder of the notes: tables of one name may be in several places."""
    place = repr((table, [env.get(name) for name in _DECISIVE]))
    return f"{table.name}-{hashlib.sha256(place.encode('utf-8', 'surrogatepass')).hexdigest()[:12]}.running"


def _key(id: str) -> dict[str, str]:
    return {"book": _BOOK, "id": id}


def _query(kind: str | None, status: str | None, since: datetime | None) -> dict[str, Any]:
    from boto3.dynamodb.conditions import Attr, Key

    wanted = Key("book").eq(_BOOK)
    if since is not None:
        wanted &= Key("started_at").gte(stamp(since))
    query: dict[str, Any] = {"IndexName": _NEWEST, "ScanIndexForward": False, "KeyConditionExpression": wanted}
    filters = [Attr("kind").eq(kind)] if kind is not None else []
    if status is not None:  # one that was killed may still stand there as running
        filters.append(Attr("status").is_in([status, RUNNING] if status == KILLED else [status]))
    if filters:
        query["FilterExpression"] = filters[0] & filters[1] if filters[1:] else filters[0]
    return query


def _entry(item: Mapping[str, Any]) -> Entry | None:
    """None for an item that isn't as we write it."""
    told = {name: value for name, value in item.items() if name != "book"}
    try:
        told |= {name: int(told[name]) for name in _NUMBERS if told[name] is not None}
        stored = {name: getattr(told[name], "value", told[name]) for name in _PACKED}
        return Entry.of_dict({**told, **{name: unpacked(value) for name, value in stored.items()}})
    except (ValueError, TypeError, KeyError):
        return None
