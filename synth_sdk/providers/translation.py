"""From a `Call` to the bytes of its request: litellm translates, once for all calls that differ only in prompt and `max_tokens`.

litellm's `acompletion` spends milliseconds of machinery around the translation of a call. Here its translation alone is used, and
its result kept as a template: the body with two holes. Filling it gives what translating would give; where that isn't so (a body
in which a hole can't be found, an arm whose other fields depend on the two), each call is translated.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Any

from synth_sdk.core.envelope import wrap
from synth_sdk.core.models import Call, Json
from synth_sdk.providers.downgrade import downgrade
from synth_sdk.providers.downgrade.targets import OPENAI

_PROMPT = "synth: here stands the prompt of one call"
_MAX_TOKENS = 987_654_321
_INTERNAL = ("json_mode", "fake_stream")  # what litellm's translation of arguments tells its own machinery
_PROBE_PROMPT, _PROBE_TOKENS = ' "a\\\n', 1  # with whitespace at both ends, quotes, and the fewest tokens

Messages = list[dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where the calls of one arm go, and in which dialect.

    `dialect` and `model` are litellm's names; `arguments` are further ones of an OpenAI chat completion, which litellm translates;
    `extra` members of the body as they are. `headers` hold no credentials. `cache_prefix`: mark the instructions for the
    provider's prompt cache. `in_words`: no field takes a schema, whatever the card says.
    """

    dialect: str
    model: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    arguments: Mapping[str, Any] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)
    cache_prefix: bool = False
    in_words: bool = False


@dataclass(frozen=True, slots=True)
class Template:
    """A body with holes for the prompt and `max_tokens`, in the order in which they stand."""

    pieces: tuple[bytes, bytes, bytes]
    prompt_first: bool

    def fill(self, prompt: str, max_tokens: int) -> bytes:
        first, second = json.dumps(prompt).encode(), str(max_tokens).encode()
        if not self.prompt_first:
            first, second = second, first
        before, between, after = self.pieces
        return b"".join((before, first, between, second, after))


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """What all calls of one arm with the same instructions, schema and count have in common.

    `native` is the schema that goes into the request's own field (None: none does), to be taken literally if `strict`; `words` stand
    behind the instructions. `lift` puts a record of the reply into the shape that was asked for; None: it has it.
    """

    target: Target
    native: dict[str, Any] | None
    words: str
    strict: bool = False
    lift: Callable[[Json], Json] | None = None
    template: Template | None = None

    def body(self, call: Call) -> bytes:
        """The body of the request. Raises what litellm raises when it doesn't take the arguments."""
        if self.template is not None and call.correction is None and call.prompt.strip():
            return self.template.fill(call.prompt, call.max_tokens)
        return encoded(self.translated(call))

    def translated(self, call: Call, headers: dict[str, str] | None = None) -> dict[str, Any]:
        """The body as a document, by litellm's translation, which adds to `headers` what goes with it."""
        return translate(self.target, self._messages(call), call.max_tokens, self.form(), headers)

    def form(self) -> dict[str, Any] | None:
        """OpenAI's `response_format`. A copy, since litellm closes objects and writes references out in place."""
        if self.native is None:
            return None
        strict = {"strict": True} if self.strict else {}
        return {"type": "json_schema", "json_schema": {"name": "Records", "schema": deepcopy(self.native), **strict}}

    def with_template(self, call: Call) -> "Prepared":
        """This, with the headers that litellm adds for calls like `call`, and with their template, if one says the same as a
        translation."""
        headers = dict(self.target.headers)
        body = self.translated(replace(call, prompt=_PROMPT, max_tokens=_MAX_TOKENS, correction=None), headers)
        prepared = replace(self, target=replace(self.target, headers=headers))
        template = _cut(encoded(body))
        if template is not None:
            probe = replace(call, prompt=_PROBE_PROMPT, max_tokens=_PROBE_TOKENS, correction=None)
            if template.fill(probe.prompt, probe.max_tokens) == encoded(self.translated(probe)):
                return replace(prepared, template=template)
        return prepared

    def _messages(self, call: Call) -> Messages:
        """Static prefix first."""
        system: dict[str, Any] = {"role": "system", "content": "\n\n".join(filter(None, (call.instructions, self.words)))}
        if self.target.cache_prefix:
            system["cache_control"] = {"type": "ephemeral"}
        said = [system, {"role": "user", "content": call.prompt}]
        if call.correction:
            before, flaw = call.correction
            flaw = f"That answer can't be used: {flaw}\nWrite the whole answer again, corrected."
            said += [{"role": "assistant", "content": before}, {"role": "user", "content": flaw}]
        return [message for message in said if message["content"]]


def prepare(call: Call, target: Target) -> Prepared:
    """What calls like `call` have in common: their schema as far as the arm takes one, the rest of it in words."""
    reduced = downgrade(call.schema, call.card)
    native = None if target.in_words else reduced.envelope(call.count)
    prepared = Prepared(
        target=target,
        native=native,
        words=_all_in_words(call) if native is None else _rest_in_words(reduced.unsaid),
        strict=reduced.target is OPENAI,
        lift=None if native is None or reduced.plain else reduced.lift,
    )
    return prepared.with_template(call)


def _all_in_words(call: Call) -> str:
    schema = json.dumps(wrap(call.schema, call.count), ensure_ascii=False)
    return f"Answer with one JSON document and nothing else. It must be valid under this JSON Schema:\n{schema}"


def _rest_in_words(unsaid: Sequence[str]) -> str:
    """The constraints that the request's schema can't hold, each with a JSON pointer into the schema of a record."""
    return "\n".join(("Each record must also keep to this, by the place in its schema:", *unsaid)) if unsaid else ""


def encoded(body: Mapping[str, Any]) -> bytes:
    return json.dumps(body).encode()


def translate(
    target: Target, messages: Messages, max_tokens: int, form: dict[str, Any] | None, headers: dict[str, str] | None = None
) -> dict[str, Any]:
    """The body that litellm would send, as a document; `headers` are added to. Raises litellm's errors."""
    from litellm.utils import get_optional_params

    arguments = {"max_tokens": max_tokens, "response_format": form, "stream": None, **target.arguments}
    options = get_optional_params(model=target.model, custom_llm_provider=target.dialect, messages=messages, **arguments)
    return {**_body(target, messages, options, {} if headers is None else headers), **target.extra}


def _body(target: Target, messages: Messages, options: dict[str, Any], headers: dict[str, str]) -> dict[str, Any]:
    if target.dialect == "gemini":  # the only one whose class doesn't translate whole requests
        from litellm.llms.vertex_ai.gemini.transformation import transform_request_body

        return dict(transform_request_body(messages, target.model, options, "gemini", {}, None))
    from litellm.types.utils import LlmProviders
    from litellm.utils import ProviderConfigManager

    config = ProviderConfigManager.get_provider_chat_config(model=target.model, provider=LlmProviders(target.dialect))
    if config is None:
        raise ValueError(f"litellm has no translation for {target.dialect}/{target.model}")
    further = options.pop("extra_body", None) or {}  # for OpenAI's client library, which sends it as part of the body
    for name in _INTERNAL:
        options.pop(name, None)
    body: dict[str, Any] = config.transform_request(target.model, messages, options, {}, headers)
    return {**body, **further}


def _cut(body: bytes) -> Template | None:
    """`body` at the two placeholders; None unless each stands there exactly once."""
    holes = [json.dumps(_PROMPT).encode(), str(_MAX_TOKENS).encode()]
    if any(body.count(hole) != 1 for hole in holes):
        return None
    first, second = sorted(holes, key=body.index)
    before, rest = body.split(first)
    between, after = rest.split(second)
    return Template((before, between, after), prompt_first=first == holes[0])
