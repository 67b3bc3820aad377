"""The history in a table of DynamoDB, shared by everyone who may use it.

All runs stand under one partition key, so that an index in the order of time lists the newest first; DynamoDB takes about a thousand new
runs a second there. The table is made with the first run where there is none: billed on demand, an index `newest`. Nothing is pruned by
itself, since a table has many users.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from functools import cached_property
from itertools import islice
from typing import Any

from synth_sdk.history.aws import Answered, asked, session_and_options
from synth_sdk.history.entries import Entry, stamp
from synth_sdk.history.packing import packed, unpacked
from synth_sdk.history.places import Table
from synth_sdk.history.store import MOST_RUNS, History

_BOOK = "runs"
_NEWEST = "newest"
_PACKED = ("request", "report", "document")
_NUMBERS = ("count", "records", "exit_code", "seed")
_SECONDS_BETWEEN_LOOKS, _LOOKS = 1, 30  # while a new table gets ready
_NO_TABLE, _BEING_MADE = "ResourceNotFoundException", "ResourceInUseException"
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
    """Built from what a URL says; `env` has the credentials (None: those of the process). It connects when it is first used."""

    def __init__(self, table: Table, env: Mapping[str, str] | None = None) -> None:
        self._place, self._env = table, env
        self.warnings: list[str] = []

    def add(self, entry: Entry) -> None:
        item = {"book": _BOOK, **entry.to_dict(), **{name: packed(getattr(entry, name)) for name in _PACKED}}
        try:
            self._asked("written", "put_item", _NO_TABLE, Item=item)
        except Answered:
            self._make()
            self._asked("written", "put_item", Item=item)

    def walk(self, *, kind: str | None = None, status: str | None = None, since: datetime | None = None) -> Iterator[Entry]:
        return filter(None, map(_entry, self._newest(_query(kind, status, since))))

    def starting_with(self, prefix: str) -> list[str]:
        from boto3.dynamodb.conditions import Key

        wanted = Key("book").eq(_BOOK) & Key("id").begins_with(prefix)
        found = self._read("query", KeyConditionExpression=wanted, ProjectionExpression="id", Limit=3)
        return [str(item["id"]) for item in found.get("Items", ())]

    def of_id(self, id: str) -> Entry | None:
        item = self._read("get_item", Key=_key(id), ConsistentRead=True).get("Item") if id else None
        return _entry(item) if item else None

    def forget(self, ids: Iterable[str]) -> int:
        with suppress(Answered):  # there is no table
            return sum(map(self._delete, ids))
        return 0

    def prune(self, newest: int = MOST_RUNS) -> int:
        items = self._newest({**_query(None, None, None), "ProjectionExpression": "id"})
        return self.forget([str(item["id"]) for item in islice(items, newest, None)])

    def close(self) -> None:
        if "_table" in self.__dict__:
            self._table.meta.client.close()

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


def _key(id: str) -> dict[str, str]:
    return {"book": _BOOK, "id": id}


def _query(kind: str | None, status: str | None, since: datetime | None) -> dict[str, Any]:
    from boto3.dynamodb.conditions import Attr, Key

    wanted = Key("book").eq(_BOOK)
    if since is not None:
        wanted &= Key("started_at").gte(stamp(since))
    query: dict[str, Any] = {"IndexName": _NEWEST, "ScanIndexForward": False, "KeyConditionExpression": wanted}
    filters = [Attr(name).eq(value) for name, value in (("kind", kind), ("status", status)) if value is not None]
    if filters:
        query["FilterExpression"] = filters[0] & filters[1] if filters[1:] else filters[0]
    return query


def _entry(item: Mapping[str, Any]) -> Entry | None:
    """None for an item that isn't as we write it."""
    told = {name: value for name, value in item.items() if name != "book"}
    try:
        told |= {name: int(told[name]) for name in _NUMBERS}
        stored = {name: getattr(told[name], "value", told[name]) for name in _PACKED}
        return Entry.of_dict({**told, **{name: unpacked(value) for name, value in stored.items()}})
    except (ValueError, TypeError, KeyError):
        return None
