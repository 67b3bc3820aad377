"""Stream pipelines: records through a few steps to a target of `--stream-to`, at least once.

The adapter has the interface of agentic-synth's MidstreamerAdapter. That library is a program of another ecosystem; what runs here
are the publishers of this package: Redis Streams, NATS JetStream, HTTP and WebSocket.
"""

import json
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from synth_sdk.client.background import wait_for
from synth_sdk.client.streaming import Publishing, open_publisher
from synth_sdk.core.errors import RequestError, UnknownName, WriteError
from synth_sdk.core.models import Json
from synth_sdk.core.streams import Message
from synth_sdk.integrations.loops import run_apart

if TYPE_CHECKING:
    from synth_sdk.client import Synth

Step = Callable[[Json], Json]
Source = Iterable[Json] | AsyncIterable[Json]

_NAME = "synthetic-data"


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineConfig:
    """`transforms` are applied to each record in order; one that returns None drops it. `batch_size` records leave together."""

    name: str = _NAME
    url: str
    transforms: Sequence[Step] = ()
    batch_size: int = 500


@dataclass(frozen=True, slots=True)
class Passed:
    """What went through a pipeline: records that came in, that a step dropped, and that the target acknowledged."""

    taken: int
    dropped: int
    acknowledged: int


def keep_if(wanted: Callable[[Json], bool]) -> Step:
    """A step that drops the records that aren't `wanted`."""
    return lambda record: record if wanted(record) else None


class StreamPipeline:
    """Sends records through its steps to its target.

    Each leaves with the id `{name}-{digest}-{index}`: running it again over the same records gives the same ids, so a consumer can tell what
    it has seen. RequestError from the constructor for a target that can't be right.
    """

    def __init__(self, config: PipelineConfig) -> None:
        if config.batch_size < 1:
            raise RequestError(f"batch size {config.batch_size}: must be at least 1")
        open_publisher(config.url.partition("#")[0])  # finds what is wrong with it; connects nowhere
        self.config = config

    def run(self, records: Source) -> Passed:
        """Send `records`; returns when all are acknowledged. OutputError when the target can't be reached, WriteError when it was lost."""
        if isinstance(records, AsyncIterable):
            return run_apart(self.arun(records))
        passage = _Passage(self.config)
        publishing = wait_for(passage.publishing.__aenter__())
        try:  # the records are made in this thread: whoever makes them may need the background loop
            for record in records:
                if batch := passage.take(record):
                    wait_for(publishing.send(batch))
            wait_for(publishing.send(passage.rest()))
            wait_for(publishing.drain())
        finally:
            wait_for(publishing.__aexit__(None, None, None))
        return passage.passed()

    async def arun(self, records: Source) -> Passed:
        """The async twin of `run`."""
        passage = _Passage(self.config)
        async with passage.publishing as publishing:
            async for record in _each(records):
                if batch := passage.take(record):
                    await publishing.send(batch)
            await publishing.send(passage.rest())
            await publishing.drain()
        return passage.passed()


class _Passage:
    """One run of a pipeline: what it does to each record, and what it counts."""

    def __init__(self, config: PipelineConfig) -> None:
        self.publishing = Publishing.to(config.url)
        self._config = config
        self._taken = self._sent = 0
        self._waiting: list[Message] = []

    def take(self, record: Json) -> list[Message]:
        """The messages that are to be sent now: a batch when there is one, nothing otherwise."""
        index, self._taken = self._taken, self._taken + 1
        for transform in self._config.transforms:
            record = transform(record)
            if record is None:
                return []
        self._sent += 1
        self._waiting.append(self._message(index, record))
        return self.rest() if len(self._waiting) >= self._config.batch_size else []

    def rest(self) -> list[Message]:
        """The messages that wait for their batch to be full."""
        waiting, self._waiting = self._waiting, []
        return waiting

    def passed(self) -> Passed:
        return Passed(self._taken, self._taken - self._sent, self.publishing.acknowledged)

    def _message(self, index: int, record: Json) -> Message:
        try:
            body = json.dumps(record, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode("utf-8")
        except (TypeError, ValueError) as error:
            raise WriteError(f"pipeline {self._config.name!r}: record {index} can't be sent as JSON: {error}") from error
        return Message(f"{self._config.name}-{blake2b(body, digest_size=8).hexdigest()}-{index}", body)


class MidstreamerAdapter:
    """Pipelines to the target that `integrations.midstreamer` names in the configuration of `synth`, or to `url`."""

    def __init__(self, synth: "Synth | None" = None, *, url: str | None = None) -> None:
        told: Mapping[str, Any] = synth.integrations.get("midstreamer", {}) if synth else {}
        self._url = url or told.get("url")
        self._name = str(told.get("default_pipeline") or _NAME)
        self._enabled = bool(told.get("enabled", True))

    def is_available(self) -> bool:
        """Whether a target is named and not switched off, and what speaks to it is installed. Connects nowhere."""
        try:
            return self._enabled and self._url is not None and open_publisher(self._url.partition("#")[0]) is not None
        except RequestError:
            return False

    def stream(self, records: Source) -> Passed:
        """Send `records` as they are."""
        return self.create_pipeline().run(records)

    async def astream(self, records: Source) -> Passed:
        """The async twin of `stream`."""
        return await self.create_pipeline().arun(records)

    def create_pipeline(self, config: "PipelineConfig | Mapping[str, Any] | None" = None) -> StreamPipeline:
        """The pipeline of `config`; what it doesn't tell is the configuration's."""
        if isinstance(config, PipelineConfig):
            return StreamPipeline(config)
        told: dict[str, Any] = {"name": self._name, "url": self._url, **(config or {})}
        known = {field.name for field in fields(PipelineConfig)}
        for key in told.keys() - known:
            raise UnknownName("option of a pipeline", key, known)
        if not told["url"]:
            raise RequestError("pipeline: no target; give a url, or set integrations.midstreamer.url in the configuration")
        return StreamPipeline(PipelineConfig(**told))


async def _each(records: Source) -> AsyncIterator[Json]:
    if isinstance(records, AsyncIterable):
        async for record in records:
            yield record
    else:
        for record in records:
            yield record
