"""Real Faker, called one method at a time: its providers load when first needed, and a seed alone decides what comes out.

`Faker(locale)` loads the locale's part of all 26 providers, some 25 ms; a single method needs one or two of them. Importing this
module imports Faker itself (0.2 s), so it is imported where a schema first asks for a method.
"""

import inspect
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from datetime import time as time_of_day
from decimal import Decimal
from functools import cache
from importlib import import_module
from locale import normalize
from random import Random
from typing import Any
from uuid import UUID
from warnings import catch_warnings

from faker.config import AVAILABLE_LOCALES, PROVIDERS
from faker.factory import Factory
from faker.generator import Generator

from synth_sdk.core.errors import RequestError, UnknownName
from synth_sdk.core.seeds import derive

_CLOCK_CALLS = {"now", "today", "utcnow", "time", "time_ns", "localtime", "gmtime"}
_PROBES = 12  # draws that look for a clock, bytes or values that a seed doesn't decide


class LazyGenerator(Generator):
    """Faker's generator for one locale; a provider is loaded when one of its methods is first asked for."""

    def __init__(self, locale: str, random: Any = None) -> None:
        super().__init__()
        self.locale_name = locale
        self.random = random or Random()
        self._loaded: dict[str, Any] = {}

    def __getattr__(self, name: str) -> Any:
        """A provider's method, the last provider's that has it as in Faker; kept as an attribute."""
        path = None if name.startswith("_") else _provider_of(self.locale_name, name)
        if path is None:
            raise AttributeError(f"Unknown formatter {name!r} with locale {self.locale_name!r}")
        method = getattr(self.load(path), name)
        self.set_formatter(name, method)
        return method

    def load(self, path: str) -> Any:
        """The provider of the module `path`, set up as Faker's factory does, weights in use."""
        if path not in self._loaded:
            provider_class, language, _ = Factory._find_provider_class(path, self.locale_name)
            with catch_warnings(action="ignore"):  # a few locales are called deprecated, to each user of Faker anew
                provider = provider_class(self)
            provider.__use_weighting__, provider.__provider__, provider.__lang__ = True, path, language
            self._loaded[path] = provider
        return self._loaded[path]


def faker_locale(locale: str) -> str:
    """`locale` in Faker's spelling. UnknownName offers the nearest ones."""
    by_folded = {name.casefold(): name for name in AVAILABLE_LOCALES}
    found = by_folded.get(locale.replace("-", "_").casefold())
    if found is None:
        raise UnknownName("locale", locale, AVAILABLE_LOCALES)
    return normalize(found).split(".")[0]  # "es" is Spain's, as in Faker's factory


def has_method(locale: str, method: str) -> bool:
    """Does Faker know `method` for `locale`? Loads no more of it than that method's own provider."""
    return _provider_of(faker_locale(locale), method) is not None


def method_names(locale: str) -> frozenset[str]:
    """All methods of Faker's providers for `locale`."""
    return frozenset(
        name
        for path in PROVIDERS
        for name, value in inspect.getmembers(_provider_class(path, locale), callable)
        if not name.startswith("_")
    )


def check_method(locale: str, method: str) -> None:
    """UnknownName unless Faker has `method` for `locale`; RequestError if it is a part of Faker that gives no data."""
    if hasattr(Generator, method) or method in ("unique", "optional", "items", "locales"):
        raise RequestError(f"faker method {method!r} gives no data: name one that does, such as 'company'")
    if method.startswith("_") or _provider_of(locale, method) is None:
        raise UnknownName("faker method", method, method_names(locale), f"(locale {locale})")


def fallback(locale: str, method: str, kwargs: Mapping[str, Any]) -> Callable[[int], Any]:
    """Real Faker's value of `method(**kwargs)` for a 64-bit seed, as plain JSON: for methods with arguments or without a grammar.

    UnknownName and RequestError as in `check_method`; RequestError too for arguments that Faker refuses, for bytes and for values
    that depend on today's date or on anything else that the seed doesn't decide.
    """
    locale = faker_locale(locale)
    check_method(locale, method)
    generator = LazyGenerator(locale)
    call, seed = getattr(generator, method), generator.random.seed

    def make(number: int) -> Any:
        seed(number)
        return _plain(call(**kwargs))

    _refuse_unusable(make, call, method, kwargs)
    return make


def reads_clock(call: Callable[[], Any]) -> bool:
    """Does `call` ask for the time? Then its result would change from day to day."""
    with _clock_watch() as seen:
        call()
    return bool(seen)


def _refuse_unusable(make: Callable[[int], Any], call: Callable[..., Any], method: str, kwargs: Mapping[str, Any]) -> None:
    """RequestError unless `make` gives the same plain value for the same seed on any day."""
    told = f"faker method {method!r}"
    try:
        inspect.signature(call).bind(**kwargs)
        with _clock_watch() as seen:
            twice = [[make(derive(0, "probe", probe)) for probe in range(_PROBES)] for _ in range(2)]
    except RequestError as error:
        raise RequestError(f"{told} {error.message}") from None
    except Exception as error:
        takes = inspect.signature(call)
        given = f" with {dict(kwargs)}" if kwargs else ""
        raise RequestError(f"{told} fails{given}: {error or type(error).__name__}; its arguments are {takes}") from None
    if seen:
        raise RequestError(
            f"{told} depends on today's date, so that the same seed would give other values tomorrow: use format 'date-time' or 'date' "
            "instead, whose values follow --start"
        )
    if twice[0] != twice[1]:
        raise RequestError(f"{told} gives other values each time, whatever the seed: name another")


@contextmanager
def _clock_watch() -> Iterator[list[str]]:
    """Lists the calls to the clock made meanwhile, at any depth, by this thread."""
    seen: list[str] = []

    def watch(frame: Any, event: str, called: Any) -> None:
        if event == "c_call" and called.__name__ in _CLOCK_CALLS:
            owner = called.__self__
            if owner is time or (isinstance(owner, type) and issubclass(owner, date)):
                seen.append(called.__name__)

    before = sys.getprofile()
    sys.setprofile(watch)
    try:
        yield seen
    finally:
        sys.setprofile(None)
        resume = getattr(before, "enable", None)  # the profilers of the standard library aren't functions
        if resume is not None:
            resume()
        else:
            sys.setprofile(before)


def _plain(value: Any) -> Any:
    """`value` as JSON has it: lists for tuples and (sorted) sets, ISO text for dates, numbers for decimals."""
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, UUID | timedelta):
        return str(value)
    if isinstance(value, datetime | date | time_of_day):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(_plain(key)): _plain(inner) for key, inner in value.items()}
    if isinstance(value, set | frozenset):
        return sorted(map(_plain, value), key=repr)
    if isinstance(value, tuple | list):
        return [_plain(inner) for inner in value]
    raise RequestError(f"gives {type(value).__name__}, which JSON doesn't have: name another")


@cache
def _provider_of(locale: str, method: str) -> str | None:
    """The last provider that has `method`. A name that a provider has in all locales is found without loading any locale."""
    for path in reversed(PROVIDERS):
        if callable(getattr(getattr(import_module(path), "Provider", None), method, None)):
            return path
    return next((path for path in reversed(PROVIDERS) if callable(getattr(_provider_class(path, locale), method, None))), None)


def _provider_class(path: str, locale: str) -> Any:
    return Factory._find_provider_class(path, locale)[0]
