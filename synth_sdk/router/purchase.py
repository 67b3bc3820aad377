"""The money side of one call: a hold, and what becomes of it."""

from collections.abc import Callable

from synth_sdk.core.errors import ModelError, Outcome
from synth_sdk.core.models import ModelCard, Reply
from synth_sdk.router.bounds import Drift, settled_cost
from synth_sdk.router.ledger import Account, Hold


class Purchase:
    """Reserve before the call, `take` the raw reply, `close` after it. Closing twice does nothing.

    `listed` is the call's bound by the price list, in micro-dollars. `journal` is handed the reply and its cost before anything
    else happens to it.
    """

    def __init__(
        self, account: Account, card: ModelCard, listed: int, drift: Drift, journal: Callable[[Reply, int], None]
    ) -> None:
        self._account, self._card, self._listed, self._drift, self._journal = account, card, listed, drift, journal
        self._hold: Hold | None = None
        self._bound = listed
        self.reply: Reply | None = None
        self.cost = 0

    async def reserve(self, deadline_s: float) -> None:
        """Raises BudgetExhausted."""
        self._bound = self._drift.raised(self._card.id, self._listed)
        self._hold = await self._account.reserve(self._bound, deadline_s=deadline_s, arm=self._card.id)

    def take(self, reply: Reply) -> None:
        """The raw reply, before it is parsed: on disk first, then booked. A crash in between leaves the hold counted."""
        if self.reply is not None:
            return
        self.reply = reply
        cost = settled_cost(self._card, reply, self._bound)
        try:
            self._journal(reply, cost)
        finally:
            self._settle(cost)

    def close(self, failure: ModelError | None) -> None:
        """After the exchange: give back what isn't billed, keep what may be, book the bound if a reply came without a bill."""
        if failure is None:
            self._settle(self._bound)
        elif failure.may_be_billed or failure.outcome is Outcome.TIMEOUT:
            self.keep()
        else:
            self.release()

    def release(self) -> None:
        if self._hold:
            self._account.release(self._hold)
            self._hold = None

    def keep(self) -> None:
        if self._hold:
            self._account.keep(self._hold)
            self._hold = None

    def _settle(self, cost: int) -> None:
        if self._hold:
            self._account.settle(self._hold, cost)
            self._hold, self.cost = None, cost
            self._drift.note(self._card.id, self._listed, cost)


def share(cost: int, count: int, position: int) -> int:
    """An equal share of a call's cost; the first records carry what doesn't divide, so that the shares add up."""
    return cost // count + (position < cost % count)
