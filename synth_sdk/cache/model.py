"""The outermost Model: what is known is answered from the store, what is being asked for already is waited for."""

import asyncio
import copy
import json
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Literal

from synth_sdk.cache.flights import Flights
from synth_sdk.cache.keys import family_key, request_key
from synth_sdk.cache.near import Lending
from synth_sdk.cache.rows import Asked, Entry
from synth_sdk.cache.store import Store
from synth_sdk.core.clock import Clock
from synth_sdk.core.models import Completion, Json, Model, Request

CacheMode = Literal["on", "off", "refresh", "read-only", "aggressive"]

_TOGETHER_SECONDS = 0.05  # accepted values wait so long for others to be written with
_PATIENCE_SECONDS = 120.0  # a live but stuck process is waited for no longer than this
_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 0.5


class Cached:
    """`model` behind `store`.

    What is stored is the accepted record, as `Request.check` returned it. A hit isn't checked again: a check turns wire values
    into records and need not take a record for input. Only accepted values are stored, never an error. Identical requests in
    flight in this process are one call in every mode; those in other processes too, unless the mode is "off" or "read-only".

    "refresh" doesn't read what was stored before this object was made; "off" neither reads nor writes; "read-only" only reads;
    "aggressive" also lends stored values to requests that are nearly the same (`near`). `lendable` says of which requests
    the values are records that may stand for one another; their briefs are kept with their values in every mode that writes.

    One of those who share a call gets its completion with the cost, the others get it as a hit: costs add up to what was spent.
    """

    def __init__(
        self,
        model: Model,
        store: Store,
        mode: CacheMode = "on",
        *,
        lendable: Callable[[Request], bool] = lambda request: True,
        clock: Clock = Clock(),  # noqa: B008 - a frozen value
        patience_seconds: float = _PATIENCE_SECONDS,
    ) -> None:
        self._model, self._store, self._mode, self._clock = model, store, mode, clock
        self._since = clock.wall() if mode == "refresh" else 0.0
        self._lending = Lending(store, clock.wall()) if mode == "aggressive" else None
        self._lendable = lendable
        self._patience = patience_seconds
        self._flights: Flights[Completion] = Flights()
        self._buying = 0
        self._bought: list[str] = []  # whose values wait to be written
        self._timer: asyncio.TimerHandle | None = None

    async def complete(self, request: Request) -> Completion:
        """The record from the store, or from the model. Raises what the model raises."""
        key = request_key(request)
        if self._mode != "off" and (entry := self._found(key, request)) is not None:
            return _hit(entry)
        writes = self._mode not in ("off", "read-only")
        work = partial(self._buy, key, request) if writes else partial(self._model.complete, request)
        done, first = await self._flights.share(key, work)
        return done if first else _shared(done)

    def _found(self, key: str, request: Request) -> Entry | None:
        """What is stored for `request`, or lent to it. It doesn't wait: requests are served in the order in which they are made."""
        if self._lending is None:
            return self._store.get(key, self._since)
        if (entry := self._store.peek(key)) is not None and self._lending.free(key, entry):
            self._store.count("hits", entry)
            return entry
        lent = self._lending.borrow(key, request) if self._lendable(request) else None
        self._store.count("shared" if lent else "misses", lent)
        if lent:
            self._write_later()
        return lent

    async def _buy(self, key: str, request: Request) -> Completion:
        """Its claim is given back once the value is on disk, where those who wait for it look."""
        claimed = kept = False
        self._buying += 1
        heard = _Heard(request.check)
        try:
            claimed, entry = await self._claim_or_find(key)
            if entry is not None and (self._lending is None or self._lending.free(key, entry)):
                return _hit(entry)
            done = await self._model.complete(replace(request, check=heard))
            kept = done.origin == "llm" and self._store.put(
                key, done.value, model=done.model, cost_micros=done.cost_micros, at_once=False, asked=self._asked(request, heard)
            )
            return done
        finally:
            self._buying -= 1
            if kept:
                self._bought.append(key)
            elif claimed:
                self._store.release(key)
            self._write_soon()

    def _asked(self, request: Request, heard: "_Heard") -> Asked | None:
        if heard.words is None or not self._lendable(request):
            return None
        return Asked(family=family_key(request), brief=request.brief, words=heard.words)

    async def _claim_or_find(self, key: str) -> tuple[bool, Entry | None]:
        """Whether `key` is claimed, and what another process found meanwhile: None when it is ours to ask."""
        give_up, pause = self._clock.now() + self._patience, _FIRST_PAUSE
        while not (claimed := self._store.claim(key)) and self._clock.now() < give_up:
            await self._clock.sleep(pause)
            pause = min(pause * 1.5, _LONGEST_PAUSE)
            if (entry := self._store.peek(key, self._since)) is not None:
                return False, entry
        return claimed, self._store.peek(key, self._since)

    def _write_soon(self) -> None:
        """Values that are bought at about the same time are written together; the last ones at once."""
        if not self._buying:
            self._write()
        elif self._bought:
            self._write_later()

    def _write_later(self) -> None:
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(_TOGETHER_SECONDS, self._write)

    def _write(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._store.flush()
        for key in self._bought:
            self._store.release(key)
        self._bought.clear()


class _Heard:
    """The check of a request, which remembers what passed it: the words that the arm sent, as JSON; "" if they are the record."""

    __slots__ = ("_check", "words")

    def __init__(self, check: Callable[[Json], Json]) -> None:
        self._check = check
        self.words: str | None = None

    def __call__(self, value: Json) -> Json:
        record = self._check(value)
        self.words = "" if record is value else json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        return record


def _hit(entry: Entry) -> Completion:
    return Completion(value=entry.value, origin="cache", model=entry.model, saved_micros=entry.cost_micros, attempts=0)


def _shared(done: Completion) -> Completion:
    saved = done.cost_micros + done.saved_micros
    return replace(done, value=copy.deepcopy(done.value), origin="cache", cost_micros=0, saved_micros=saved, attempts=0)
