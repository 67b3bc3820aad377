"""Where the rooms of floor 4 meet: Cached( Batched( Router( provider adapters ) ) ) over one account and one journal."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from synth_sdk.cache import Cached, Journal, Store, request_key
from synth_sdk.client.settings import Settings
from synth_sdk.core import plugins
from synth_sdk.core.errors import OutputError, RequestError
from synth_sdk.core.models import Model, ModelCard, Provider, Request
from synth_sdk.core.spec import Spec
from synth_sdk.router import Account, Batched, Constraints, Ledger, Router, load_catalogue, ranking, resolve


@dataclass(frozen=True, slots=True)
class Bill:
    """What an account has paid, and holds for calls whose bill never came, in micro-dollars."""

    spent: int
    held: int
    by_arm: Mapping[str, int]


@dataclass(slots=True)
class ModelStack:
    """What one run asks, and what it has cost."""

    model: Model
    _router: Router
    _account: Account
    _journal: Journal
    _last: Bill | None = None

    @property
    def bill(self) -> Bill:
        """Of the account: this run, the killed runs that it continues, and whoever shares the account by name."""
        return self._last or Bill(self._account.spent_micros, self._account.held_micros, self._account.spent_by_arm)

    def errors(self) -> list[str]:
        """One line for each arm that failed."""
        return self._router.errors()

    def warnings(self) -> list[str]:
        """What the user should know of the money: bills above the listed price."""
        told = str(self._router.drift)
        return [told] if told else []

    def finish(self) -> None:
        """The run ended in order: its account closes, its journal is no longer needed."""
        self._account.finish()
        self._journal.clear()

    def close(self) -> None:
        """The ledger is about to close: remember its last word."""
        self._last = self.bill


def make_providers(env: Mapping[str, str]) -> dict[str, Provider]:
    """Every installed provider, by name. None of them loads its HTTP stack before the first call."""
    return {name: plugins.load("providers", name)(env) for name in plugins.names("providers")}


def choose_arms(spec: Spec, settings: Settings, request: Request) -> tuple[list[ModelCard], list[str]]:
    """The arms for a run in the order in which they will be asked, and warnings.

    RequestError names what left none - unless the fallback ends offline: then there are none, and a warning says why.
    """
    cards = load_catalogue(settings.catalogue_file, settings.env)
    chain = [resolve(name, cards).id for name in spec.chain]
    usable = {name: provider.missing() for name, provider in make_providers(settings.env).items()}
    rules = Constraints(usable, spec.budget_micros or 0, allow=tuple(chain))
    try:
        arms = ranking(cards, request, rules, spec.policy)
    except RequestError as error:
        if not spec.ends_offline:
            raise
        return [], [f"{error.message}; the records are made offline"]
    if chain:
        arms = sorted(arms, key=lambda card: chain.index(card.id))
    left = [name for name in chain if name not in {card.id for card in arms}]
    skipped = [f"{name} can't be used: {usable.get(_provider(name, cards)) or 'it does not fit the request'}" for name in left]
    return (arms[:1] if spec.fallback == () else arms), skipped


@asynccontextmanager
async def open_stack(spec: Spec, settings: Settings, arms: list[ModelCard], records_per_call: int) -> AsyncIterator[ModelStack]:
    """The models of one run, from cache to wire; connections are closed at the end, whatever happened."""
    home = _made(settings)
    ledger = Ledger(home / "ledger.sqlite3")
    account = ledger.open_account(
        spec.account or f"run {spec.fingerprint}", spec.budget_micros or 0, fresh_when_finished=spec.account is None
    )
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
    )
    store = open_store(settings)
    stack = ModelStack(Cached(Batched(router, records_per_call), store, spec.cache), router, account, journal)
    try:
        yield stack
    finally:
        stack.close()
        for provider in providers.values():
            await provider.aclose()
        store.close()
        journal.close()
        ledger.close()


def open_store(settings: Settings) -> Store:
    """The prompt cache."""
    return Store(_made(settings) / "cache")


def _made(settings: Settings) -> Path:
    try:
        settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(
            f"SYNTH_HOME {settings.home} can't be made: {error.strerror or error}; set SYNTH_HOME to a folder that can"
        ) from None
    return settings.home


def _provider(arm: str, cards: list[ModelCard]) -> str:
    return next(card.provider for card in cards if card.id == arm)
