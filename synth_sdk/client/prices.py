"""`synth models refresh`: prices of today from OpenRouter's public list and litellm's bundled table, kept in SYNTH_HOME."""

import json
import time
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from synth_sdk.client.settings import Settings
from synth_sdk.core.errors import OutputError, RequestError, SynthError
from synth_sdk.router.catalogue import Update, bundled, compare, document, openrouter, refreshed_layer, shipped
from synth_sdk.sinks.stores import WholeFile

if TYPE_CHECKING:
    from httpx import Client

_HOME = "https://openrouter.ai/api/v1"
_SILENCE = 10.0  # seconds without a byte
_DEADLINE = 60.0  # seconds for the whole list
_LARGEST_PAGE = 32 << 20
_MOST_PAGES = 50


def prices_file(settings: Settings) -> Path:
    """Where refreshed prices are kept."""
    return settings.home / "prices.yaml"


def refresh_prices(settings: Settings, today: date) -> Update:
    """Ask for today's prices, write them to `prices_file`, and tell what changed.

    SynthError says in one line why nothing could be learned; then nothing has changed.
    """
    url = (settings.env.get("SYNTH_OPENROUTER_API_BASE") or _HOME).rstrip("/") + "/models"
    rows = _models_at(url)
    update = compare(_as_it_stands(settings), rows, bundled.table(), today)
    _write(prices_file(settings), document(update, today))
    return update


def _as_it_stands(settings: Settings) -> Mapping[str, Any]:
    """The shipped arms at the prices of the last refresh; a file of it that can't be read is about to be replaced."""
    try:
        return refreshed_layer(shipped(), prices_file(settings))
    except RequestError:
        return shipped()


def _models_at(url: str) -> list[Mapping[str, Any]]:
    """The models of every page of the list at `url`."""
    import httpx

    try:
        with httpx.Client(timeout=_SILENCE) as client:
            rows = [row for page in _pages(client, url) for row in openrouter.rows_of(page)]
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise SynthError(
            f"{url} can't be reached ({error or type(error).__name__}): no price has changed; try again with a network"
        ) from None
    except ValueError as error:
        raise SynthError(f"{url} gave no price list: {error}; no price has changed") from None
    except RequestError as error:
        raise SynthError(f"{url} gave no price list: {error.message}; no price has changed") from None
    if not openrouter.entries_of(rows, date.min):
        raise SynthError(f"{url} lists no model with a price; no price has changed")
    return rows


def _pages(client: "Client", url: str) -> Iterator[Any]:
    """Each page as JSON, in the order of their links; a link to another server is not followed. ValueError if a page can't be read."""
    give_up = time.monotonic() + _DEADLINE
    start = next_ = client.build_request("GET", url).url
    for _ in range(_MOST_PAGES):
        page = json.loads(_body(client, str(next_), give_up))
        yield page
        links = page.get("links") if isinstance(page, dict) else None
        link = links.get("next") if isinstance(links, dict) else None
        if not isinstance(link, str) or not link:
            return
        next_ = start.join(link)
        if (next_.scheme, next_.netloc) != (start.scheme, start.netloc):
            raise ValueError(f"its next page is on another server, {next_.host}")
    raise ValueError(f"it has more than {_MOST_PAGES} pages")


def _body(client: "Client", url: str, give_up: float) -> bytes:
    parts, size = [], 0
    with client.stream("GET", url) as response:
        if not response.is_success:
            raise ValueError(f"it answered {response.status_code} {response.reason_phrase}".rstrip())
        for part in response.iter_bytes():
            size += len(part)
            if size > _LARGEST_PAGE:
                raise ValueError(f"more than {_LARGEST_PAGE >> 20} MiB")
            if time.monotonic() > give_up:
                raise ValueError(f"not whole after {_DEADLINE:g} s")
            parts.append(part)
    return b"".join(parts)


def _write(path: Path, text: str) -> None:
    """Whole or not at all."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = WholeFile(path)
        try:
            file.stream.write(text.encode())
            file.commit()
        except OSError:
            file.abort()
            raise
    except OSError as error:
        raise OutputError(f"{path} can't be written: {error.strerror or error}; set SYNTH_HOME to a folder that can") from None
