"""Runs and their exchanges as OpenTelemetry spans and metrics.

Only the API is used: what becomes of them is up to the SDK that the application configured; without one they cost next to nothing and
go nowhere. The span of a run is a child of the span in which the caller asked for the first record; that of an exchange is a child of
its run's, and the current one while it is on its way - though exchanges run on a loop of their own.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache

from opentelemetry import metrics, trace
from opentelemetry.metrics import MeterProvider
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, TracerProvider
from opentelemetry.util.types import AttributeValue

from synth_sdk import __version__
from synth_sdk.client.telemetry import names
from synth_sdk.core.errors import Outcome
from synth_sdk.core.models import Reply
from synth_sdk.core.observing import CallEnd, CallFacts, RunEnd, RunFacts

Attributes = dict[str, AttributeValue]

_MICRO = 1e-6


def global_observer() -> "OpenTelemetry":
    """The one that tells the process's own providers."""
    return _observer(trace.get_tracer_provider(), metrics.get_meter_provider())


class OpenTelemetry:
    """One for each pair of providers: instruments are made once."""

    def __init__(self, tracers: TracerProvider, meters: MeterProvider) -> None:
        self.tracer = tracers.get_tracer("synth_sdk", __version__)
        meter = meters.get_meter("synth_sdk", __version__)
        self.tokens = meter.create_histogram(
            names.TOKEN_USAGE,
            unit="{token}",
            description="Number of input and output tokens used.",
            explicit_bucket_boundaries_advisory=names.TOKEN_BUCKETS,
        )
        self.duration = meter.create_histogram(
            names.DURATION,
            unit="s",
            description="GenAI operation duration.",
            explicit_bucket_boundaries_advisory=names.DURATION_BUCKETS,
        )
        self.records = meter.create_counter(names.RECORDS, unit="{record}", description="Records delivered.")
        self.cost = meter.create_counter(names.COST, unit="{USD}", description="What exchanges with models cost, in US dollars.")
        self.hits = meter.create_counter(names.CACHE_HITS, unit="{record}", description="Records that came from the cache.")

    @contextmanager
    def run(self, facts: RunFacts) -> "Iterator[_Run]":
        """The span isn't made the current one: between two records the caller's own code runs."""
        span = self.tracer.start_span(names.RUN_SPAN, attributes=_told_of_run(facts))
        try:
            yield _Run(self, facts, span)
        except Exception as error:
            _fail(span, type(error).__name__)
            raise
        finally:
            span.end()


_observer = lru_cache(maxsize=8)(OpenTelemetry)


class _Run:
    def __init__(self, telemetry: OpenTelemetry, facts: RunFacts, span: Span) -> None:
        self._telemetry, self._facts, self._span = telemetry, facts, span
        self._context = trace.set_span_in_context(span)
        self._counted: dict[str, int] = {}

    @contextmanager
    def call(self, facts: CallFacts) -> "Iterator[_Call]":
        told = _told_of_call(facts)
        span = self._telemetry.tracer.start_span(_span_name(facts), self._context, SpanKind.CLIENT, told | _told_of_try(facts))
        try:
            with trace.use_span(span, record_exception=False, set_status_on_exception=False):
                yield _Call(self._telemetry, span, told)
        except BaseException as error:
            _fail(span, type(error).__name__)
            raise
        finally:
            span.end()

    def delivered(self, origins: Mapping[str, int]) -> None:
        for origin, count in origins.items():
            more = count - self._counted.get(origin, 0)
            if more > 0:
                self._counted[origin] = count
                self._telemetry.records.add(more, {names.KIND: self._facts.kind, names.ORIGIN: origin})
                if origin == "cache":
                    self._telemetry.hits.add(more, {names.KIND: self._facts.kind})

    def ended(self, end: RunEnd) -> None:
        self._span.set_attributes(
            {
                names.STATUS: end.status,
                names.DELIVERED: end.records,
                names.COST_USD: end.spent_micros * _MICRO,
                names.SAVED_USD: end.saved_micros * _MICRO,
            }
        )
        if end.status == "failed":
            self._span.set_status(Status(StatusCode.ERROR, "no record could be delivered"))


class _Call:
    def __init__(self, telemetry: OpenTelemetry, span: Span, told: Attributes) -> None:
        self._telemetry, self._span, self._told = telemetry, span, told

    def ended(self, end: CallEnd) -> None:
        told = dict(self._told)
        if end.reply is not None:
            self._read(end.reply, told)
        self._span.set_attribute(names.COST_USD, end.cost_micros * _MICRO)
        if end.failure is not None:
            told[names.ERROR_TYPE] = _error_type(end.failure.outcome)
            _fail(self._span, _error_type(end.failure.outcome))
            if end.failure.status is not None:
                self._span.set_attribute(names.HTTP_STATUS, end.failure.status)
        self._telemetry.duration.record(end.seconds, told)
        if end.cost_micros:
            self._telemetry.cost.add(end.cost_micros * _MICRO, self._told)

    def _read(self, reply: Reply, told: Attributes) -> None:
        self._span.set_attribute(names.RESPONSE_FINISH_REASONS, (names.FINISH_REASONS.get(reply.finish, reply.finish),))
        if reply.model:
            told[names.RESPONSE_MODEL] = reply.model
            self._span.set_attribute(names.RESPONSE_MODEL, reply.model)
        if reply.usage is None:
            return
        usage = reply.usage
        self._span.set_attribute(names.INPUT_TOKENS, usage.input_tokens)
        self._span.set_attribute(names.OUTPUT_TOKENS, usage.output_tokens)
        if usage.cache_read_tokens:
            self._span.set_attribute(names.CACHE_READ_TOKENS, usage.cache_read_tokens)
        self._telemetry.tokens.record(usage.input_tokens, told | {names.TOKEN_TYPE: "input"})
        self._telemetry.tokens.record(usage.output_tokens, told | {names.TOKEN_TYPE: "output"})


def _told_of_run(facts: RunFacts) -> Attributes:
    return {
        names.KIND: facts.kind,
        names.COUNT: facts.count,
        names.SEED: facts.seed,
        names.MODE: facts.mode,
        names.FINGERPRINT: facts.fingerprint,
    }


def _told_of_call(facts: CallFacts) -> Attributes:
    """What metrics are told too: few values each."""
    provider = facts.card.account
    return {
        names.OPERATION: _operation(facts),
        names.PROVIDER: names.PROVIDERS.get(provider, provider),
        names.REQUEST_MODEL: facts.card.model,
    }


def _operation(facts: CallFacts) -> str:
    return names.OPERATIONS.get(facts.card.account, names.CHAT)


def _span_name(facts: CallFacts) -> str:
    return f"{_operation(facts)} {facts.card.model}"


def _told_of_try(facts: CallFacts) -> Attributes:
    return {
        names.REQUEST_MAX_TOKENS: facts.max_tokens,
        names.ARM: facts.card.id,
        names.TASK: facts.task,
        names.ASKED: facts.records,
        names.ATTEMPT: facts.attempt,
    }


def _error_type(outcome: Outcome) -> str:
    return outcome.name.lower()


def _fail(span: Span, kind: str) -> None:
    """The kind of error alone: the words of one may quote a prompt or a reply."""
    span.set_attribute(names.ERROR_TYPE, kind)
    span.set_status(Status(StatusCode.ERROR, kind))
