"""What `--stream-to` names: a URL whose scheme a publisher is registered for, or `midstreamer`, which the configuration has the URL of."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from synth_sdk.core import plugins
from synth_sdk.core.errors import RequestError, UnknownName
from synth_sdk.core.quantities import parse_duration
from synth_sdk.core.spec import Spec
from synth_sdk.core.streams import Publisher, shown

PATIENCE = 300.0  # seconds without an acknowledgement, after which a target is given up
_GROUP = "streams"
_PIPELINE = "midstreamer"


@dataclass(frozen=True, slots=True)
class Target:
    """Where records are published to. `shown` is the URL without its secrets, `patience` how long (seconds) an outage may last."""

    url: str = field(repr=False)
    patience: float = PATIENCE

    @property
    def shown(self) -> str:
        return shown(self.url)


def open_publisher(url: str) -> Publisher:
    """The publisher for the scheme of `url`, not yet connected. UnknownName for a scheme that nobody registered, RequestError for a
    URL that can't be right or a client library that isn't installed.
    """
    scheme, colon, _ = url.partition("://")
    if not colon:
        raise RequestError(f"stream target {shown(url)!r}: write a URL, such as redis://localhost:6379/0?stream=events")
    known = plugins.names(_GROUP)
    if scheme.casefold() not in known:
        raise UnknownName("scheme of a stream target", scheme, known)
    return cast(Publisher, plugins.load(_GROUP, scheme.casefold())(url))


def parse_target(url: str) -> Target:
    """The target of `url`, which may end in `#patience=10s`: what stands behind the # is for us and is never sent."""
    bare, _, told = url.partition("#")
    name, equals, value = told.partition("=")
    if not told:
        return Target(bare)
    if name != "patience" or not equals:
        raise RequestError(f"stream target {shown(url)!r}: behind the # only patience=DURATION may stand, such as #patience=30s")
    return Target(bare, parse_duration(value, f"patience of {shown(url)}") / 1e6)


def check_whole(spec: Spec) -> None:
    """RequestError if a relational set, whose tables are written as wholes, is to be streamed."""
    if spec.stream or spec.stream_to:
        told = "--stream-to" if spec.stream_to else "--stream"
        raise RequestError(f"{told}: the tables of a set are written as wholes and can't be streamed; leave it out")


def check_unpublished(spec: Spec) -> None:
    """RequestError if records that are handed out one by one are to be published, or kept in a vector store, as well."""
    if spec.stream_to:
        raise RequestError(
            f"stream_to {shown(spec.stream_to)!r}: generate() and write() publish; stream() hands records to you alone"
        )
    if spec.vectorize_with:
        raise RequestError(
            f"vectorize_with {spec.vectorize_with!r}: generate() and write() fill a store; stream() hands records to you alone"
        )


def target_of(stream_to: str, integrations: Mapping[str, Mapping[str, Any]]) -> tuple[Target | None, str]:
    """The target that `stream_to` names, or None and why there is none: a pipeline that isn't configured does nothing."""
    if stream_to.casefold() != _PIPELINE:
        if "://" not in stream_to:
            known = [_PIPELINE, *(f"{name}://..." for name in plugins.names(_GROUP))]
            raise UnknownName("stream target", shown(stream_to), known, "(or write a URL)")
        return parse_target(stream_to), ""
    told = integrations.get(_PIPELINE, {})
    if not told.get("enabled", True):
        return None, f"stream to {_PIPELINE}: switched off in the configuration; set integrations.{_PIPELINE}.enabled to true"
    if not told.get("url"):
        way_out = f"set integrations.{_PIPELINE}.url in the configuration to a redis://, nats://, http(s):// or ws(s):// URL"
        return None, f"stream to {_PIPELINE}: not configured, so nothing is published; {way_out}"
    return parse_target(_named(str(told["url"]), str(told.get("default_pipeline") or ""))), ""


def _named(url: str, pipeline: str) -> str:
    """`url`, whose stream or subject is called as the pipeline if it has no name of its own."""
    scheme, _, rest = url.partition("://")
    place, _, path = rest.partition("/")
    if pipeline and scheme in ("redis", "rediss") and "stream=" not in rest:
        return f"{url}{'&' if '?' in url else '?'}stream={pipeline}"
    if pipeline and scheme == "nats" and not path:
        return f"{scheme}://{place}/{pipeline}"
    return url
