"""Which records a tight budget buys: money is dealt out to blocks as they begin, so that it lasts to the end of the run.

Each block gets its share of the money that is left, in proportion to its rows; what it doesn't use goes back. What a record costs
is at first what the plan says: a pilot of a few records finds out, failed tries included, before the rest is asked for. While
there is enough for all, all are bought and nothing waits.
"""

import asyncio

PILOT = 0.02  # of the records
_SMALLEST_PILOT = 8
_PRIOR_RECORDS = 1.0  # the plan's figure counts as much as so many bought records
_MARGIN_UNKNOWN = 3.0  # before the pilot is over
_DEAREST = 64.0


class Pacer:
    """The money of one run: `micros` for `count` records that the plan expects to cost `each`. Implements `pipeline.produce.Pace`."""

    def __init__(self, micros: int, count: int, each: float) -> None:
        self._free, self._rows_left, self._prior = float(micros), count, each
        self._bought, self._booked = 0, 0
        self._carry = 0.5
        self._open = 0
        self._pilot_left = _pilot_size(micros, count, each)
        self._pilot_out = 0  # records of the pilot that aren't back yet
        self._changed = asyncio.Event()
        self._price = 1.0

    @property
    def each(self) -> float:
        """What one more bought record is expected to cost."""
        return (self._prior * _PRIOR_RECORDS + self._booked) / (_PRIOR_RECORDS + self._bought)

    def price(self) -> float:
        """The shadow price: how much dearer a dollar is than it looks, because money is short. 1 while there is enough."""
        return self._price

    def open(self, rows: int) -> "Share":
        """The share of the next block of `rows`."""
        micros = self._free * rows / self._rows_left
        self._reprice()
        self._rows_left -= rows
        self._free -= micros
        self._open += 1
        return Share(self, micros, last=self._rows_left <= 0)

    def note(self, micros: int) -> None:
        """A record was bought for `micros`."""
        self._bought += 1
        self._booked += micros

    def whole(self, records: float) -> int:
        """`records` as a whole number; the fractions of many shares add up."""
        told = int(records + self._carry)
        self._carry += records - told
        return told

    @property
    def piloted(self) -> bool:
        """The pilot is over: what a record costs is known."""
        return not self._pilot_left and not self._pilot_out

    @property
    def margin(self) -> float:
        """Money for this many times the expected cost counts as enough."""
        return 1.0 if self.piloted else _MARGIN_UNKNOWN

    async def pilot(self, wanted: int) -> int:
        """As many of the `wanted` records as the pilot still takes; 0, after its outcome is known, when it was full."""
        taken = min(wanted, self._pilot_left)
        self._pilot_left -= taken
        self._pilot_out += taken
        while not taken and not self.piloted:
            await self._change()
        return taken

    def back(self, records: int) -> None:
        """So many records of the pilot are known."""
        self._pilot_out -= records
        self._changed.set()

    def refund(self, micros: float) -> None:
        """A share is over; `micros` of it were not used."""
        self._free += micros
        self._open -= 1
        self._changed.set()

    async def leftovers(self) -> float:
        """What all other shares left, once they are over, for the last one."""
        while self._open > 1:
            await self._change()
        left, self._free = self._free, 0.0
        return left

    async def _change(self) -> None:
        self._changed.clear()
        await self._changed.wait()

    def _reprice(self) -> None:
        """A step towards the price at which demand meets the money (dual ascent on the budget constraint)."""
        demand = self.each * self._rows_left / self._free if self._free > 0 else 4.0
        self._price = min(_DEAREST, max(1.0, self._price * min(4.0, max(0.25, demand)) ** 0.5))


class Share:
    """The money of one block."""

    def __init__(self, pacer: Pacer, micros: float, *, last: bool) -> None:
        self._pacer, self._micros, self._last = pacer, micros, last
        self._booked, self._pilot = 0, 0
        self._refused = self._begun = False

    async def admit(self, left: int) -> int:
        """How many of the `left` records that weren't asked for yet may be bought now; 0: no more."""
        self._report_pilot()
        if not left or self._refused:
            return 0
        if self._micros - self._booked >= left * self._pacer.each * self._pacer.margin:
            return left
        wanted = min(left, await self._wanted())
        if wanted <= 0 or self._pacer.piloted:
            return max(0, wanted)
        self._pilot = await self._pacer.pilot(wanted)
        return self._pilot or await self.admit(left)

    async def _wanted(self) -> int:
        wanted = int(self._affordable()) if self._begun else self._pacer.whole(self._affordable())
        self._begun = True
        if wanted <= 0 and self._last:
            self._micros += await self._pacer.leftovers()
            wanted = int(self._affordable())
        return wanted

    def note(self, micros: int) -> None:
        """One of its records was bought for `micros`, failed tries included (0: it was in the cache)."""
        if micros:
            self._booked += micros
            self._pacer.note(micros)

    def refuse(self) -> None:
        """The ledger had no room for a call: nothing more is asked for."""
        self._refused = True

    def close(self) -> None:
        """The block is done."""
        self._report_pilot()
        self._pacer.refund(self._micros - self._booked)

    def _report_pilot(self) -> None:
        if self._pilot:
            self._pacer.back(self._pilot)
            self._pilot = 0

    def _affordable(self) -> float:
        return (self._micros - self._booked) / max(self._pacer.each, 1e-9)


def _pilot_size(micros: int, count: int, each: float) -> int:
    """A fiftieth of the records, but no more than a tenth of the money."""
    affordable = micros / each if each else count
    return max(_SMALLEST_PILOT, round(min(PILOT * count, affordable / 10)))
