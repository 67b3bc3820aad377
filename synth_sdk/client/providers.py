"""The installed providers. A stranger's may be broken: then it can't be used, and says why, but no run ends because of it."""

from collections.abc import Callable, Mapping

from synth_sdk.core import plugins
from synth_sdk.core.errors import ModelError, Outcome, SynthError
from synth_sdk.core.models import Call, Json, ModelCard, Provider, Reply


def make_providers(env: Mapping[str, str]) -> dict[str, Provider]:
    """Every installed provider, by name. None of them loads its HTTP stack before the first call."""
    return {name: _provider(name, env) for name in plugins.names("providers")}


def left_out(providers: Mapping[str, Provider]) -> list[str]:
    """A warning for each provider that is broken."""
    return [provider.why for provider in providers.values() if isinstance(provider, Broken)]


class Broken:
    """In the place of a provider that can't be loaded, made or asked what it lacks."""

    def __init__(self, name: str, why: str) -> None:
        self.name, self.why = name, f"provider {name!r} is left out: {why}"

    def missing(self) -> str:
        return self.why

    async def ask(self, call: Call, on_reply: Callable[[Reply], None]) -> list[Json]:
        raise ModelError(self.why, outcome=Outcome.REFUSED)

    async def aclose(self) -> None: ...


class Stranger:
    """A provider that doesn't come with this package: whatever it raises beyond what it may becomes an error of the arm."""

    def __init__(self, name: str, provider: Provider) -> None:
        self.name, self._provider = name, provider

    def missing(self) -> str | None:
        return self._provider.missing()

    def missing_for(self, card: ModelCard) -> str | None:
        alone: Callable[[ModelCard], str | None] | None = getattr(self._provider, "missing_for", None)
        return alone(card) if alone else None

    async def ask(self, call: Call, on_reply: Callable[[Reply], None]) -> list[Json]:
        try:
            return await self._provider.ask(call, on_reply)
        except (SynthError, TimeoutError):
            raise
        except Exception as error:
            raise ModelError(f"{call.card.id}: {_told(error)}", outcome=Outcome.UNAVAILABLE, may_be_billed=True) from error

    async def aclose(self) -> None:
        await self._provider.aclose()


def _provider(name: str, env: Mapping[str, str]) -> Provider:
    try:
        provider: Provider = plugins.make("providers", name, env)
        if plugins.builtin("providers", name) and not plugins.at_run_time("providers", name):
            return provider
        provider.missing()
    except SynthError as error:
        return Broken(name, error.message)
    except Exception as error:
        return Broken(name, _told(error))
    return Stranger(name, provider)


def _told(error: Exception) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"
