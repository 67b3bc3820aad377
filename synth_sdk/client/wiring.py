"""Where the rooms of floor 4 meet: Cached( Batched( Router( provider adapters ) ) ) over one account and one journal."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from synth_sdk.cache import Cached, Journal, Store, request_key
from synth_sdk.client.caching import fetch, keep, store_in
from synth_sdk.client.learned import learned_store
from synth_sdk.client.providers import left_out, make_providers
from synth_sdk.client.settings import Settings
from synth_sdk.core.clock import today
from synth_sdk.core.errors import OutputError, RequestError
from synth_sdk.core.models import Model, ModelCard, Request, lacking
from synth_sdk.core.observing import UNWATCHED, RunWatch
from synth_sdk.core.spec import CachePolicy, Spec
from synth_sdk.router import (
    Account,
    Batched,
    Beliefs,
    Constraints,
    Ledger,
    Router,
    ranking,
)
from synth_sdk.router.sizes import MOST_PER_CALL


@dataclass(frozen=True, slots=True)
class Bill:
    """What an account has paid, and holds for calls whose bill never came, in micro-dollars."""

    spent: int
    held: int
    by_arm: Mapping[str, int]


@dataclass(slots=True)
class ModelStack:
    """What one run asks, and what it has cost. `price`: how many dollars a dollar counts for when arms are compared."""

    model: Model
    _router: Router
    _account: Account
    _journal: Journal
    _finish_account: Callable[[], None]
    _spent_before: int
    price: Callable[[], float] = lambda: 1.0
    _last: Bill | None = None
    _trouble: str = ""

    @property
    def money_left(self) -> int:
        """Micro-dollars that may still be spent."""
        return self._account.left_micros

    @property
    def spent_here(self) -> int:
        """What this run has paid so far."""
        return self.bill.spent - self._spent_before

    @property
    def bill(self) -> Bill:
        """Of the account: this run, the killed runs that it continues, and whoever shares the account by name."""
        return self._last or Bill(self._account.spent_micros, self._account.held_micros, self._account.spent_by_arm)

    def errors(self) -> list[str]:
        """One line for each arm that failed."""
        return self._router.errors()

    def warnings(self) -> list[str]:
        """What the user should know: bills above the listed price, a cache that couldn't be kept in its file."""
        return [told for told in (str(self._router.drift), self._trouble) if told]

    def finish(self) -> None:
        """The run ended in order and its records are where they were wanted: its account closes, its journal is no longer needed -
        unless the same command runs elsewhere too, or was killed meanwhile and will go on: then the last one sees to that.
        """
        if self._journal.alone:
            self._finish_account()
        self._journal.clear()

    def close(self, trouble: str = "") -> None:
        """The ledger is about to close: remember its last word. `trouble`: what went wrong with the cache."""
        self._last, self._trouble = self.bill, trouble


def choose_arms(
    spec: Spec, settings: Settings, request: Request, cards: Sequence[ModelCard], chain: Sequence[str], beliefs: Beliefs
) -> tuple[list[ModelCard], list[str]]:
    """The arms for a run in the order in which they will be asked, and warnings. `chain`: the ids of those that the user named.

    RequestError names what left none - unless the fallback ends offline: then there are none, and a warning says why.
    """
    providers = make_providers(settings.env)
    usable, alone = {name: provider.missing() for name, provider in providers.items()}, lacking(cards, providers)
    rules = Constraints(usable, spec.budget_micros or 0, allow=tuple(chain), lacking=alone, today=today())
    try:
        arms = ranking(cards, request, rules, spec.policy, beliefs)
    except RequestError as error:
        if not spec.ends_offline:
            raise
        return [], [f"{error.message}; the records are made offline", *left_out(providers)]
    if chain:
        arms = sorted(arms, key=lambda card: chain.index(card.id))
    left = [name for name in chain if name not in {card.id for card in arms}]
    why_not = {name: usable.get(_provider(name, cards)) or alone.get(name) for name in left}
    skipped = [f"{name} can't be used: {why or 'it does not fit the request'}" for name, why in why_not.items()]
    return (arms[:1] if spec.fallback == () else arms), [*skipped, *left_out(providers)]


@asynccontextmanager
async def open_stack(
    spec: Spec, settings: Settings, arms: Sequence[ModelCard], beliefs: Beliefs, watch: RunWatch = UNWATCHED
) -> AsyncIterator[ModelStack]:
    """The models of one run, from cache to wire. At the end connections are closed and what was learned is kept, whatever happened."""
    home = _made(settings)
    store = open_store(settings, spec.cache)
    fetch(store, settings.cache, spec.cache)
    ledger = open_ledger(settings)
    account = _open_account(ledger, spec)
    journal = Journal(home / "journal", spec.fingerprint)
    providers = make_providers(settings.env)
    router = Router(
        arms,
        providers,
        account,
        journal,
        key=request_key,
        policy_name=spec.policy,
        offline_ready=spec.ends_offline,
        concurrency=spec.concurrency,
        timeout=spec.timeout,
        beliefs=beliefs,
        frozen=spec.seeded,
        records_per_call=spec.records_per_call,
        money_price=lambda: stack.price(),
        watch=watch,
    )
    batched = Batched(router, spec.records_per_call or MOST_PER_CALL)
    model = Cached(batched, store, spec.cache, lendable=partial(_is_record, spec))
    stack = ModelStack(model, router, account, journal, partial(_finish_account, spec, settings), account.spent_micros)
    try:
        journal.join()
        yield stack
    finally:
        stack.close(keep(store, settings.cache, spec.cache))
        for provider in providers.values():
            await provider.aclose()
        learned_store(settings).save(beliefs)
        store.close()
        journal.close()
        ledger.close()


def _open_account(ledger: Ledger, spec: Spec) -> Account:
    name = spec.account or f"run {spec.fingerprint}"
    outer = ledger.open_account(*spec.within, fresh_when_finished=True) if spec.within else None
    return ledger.open_account(name, spec.budget_micros or 0, fresh_when_finished=spec.account is None, within=outer)


def _finish_account(spec: Spec, settings: Settings) -> None:
    """Through a ledger of its own: the stack's is closed by the time that the records are where they were wanted."""
    with closing(open_ledger(settings)) as ledger:
        _open_account(ledger, spec).finish()


def open_ledger(settings: Settings) -> Ledger:
    """All accounts of this SYNTH_HOME."""
    return Ledger(_made(settings) / "ledger.sqlite3")


def open_store(settings: Settings, policy: CachePolicy = "on") -> Store:
    """The prompt cache."""
    return store_in(_made(settings), settings.cache, policy)


def _is_record(spec: Spec, request: Request) -> bool:
    """A record of the run that may stand for another one: not a verdict, a part of a blueprint, or the rewording of one record."""
    return request.task.startswith(f"{spec.kind}:") and spec.mode != "rewrite"


def _made(settings: Settings) -> Path:
    try:
        settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(
            f"SYNTH_HOME {settings.home} can't be made: {error.strerror or error}; set SYNTH_HOME to a folder that can"
        ) from None
    return settings.home


def _provider(arm: str, cards: Sequence[ModelCard]) -> str:
    return next(card.provider for card in cards if card.id == arm)
