"""What is known of one exchange while it runs: filled in at the socket, read when the call has ended.

litellm hides much of what a provider said (Bedrock's stop reason, Gemini's RetryInfo, which status a garbled body came with), so
the HTTP client's hooks note it here. A context variable ties the hooks to their call: litellm's own frames lie in between.
"""

import json
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from synth_sdk.core.models import Call, Reply


@dataclass
class Exchange:
    """One call and what came of it.

    `native`: the schema as it goes into the request's own field; None: in words. `sent`: the libraries let go of the request; `status` is None until the provider answered; `whole`: its body arrived to the
    end; `failure` is what `ask` is to raise.
    """

    call: Call
    on_reply: Callable[[Reply], None]
    native: dict[str, Any] | None = None
    sent: bool = False
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    whole: bool = False
    failure: Exception | None = None

    @property
    def who(self) -> str:
        """The arm's name at the head of every message."""
        return self.call.card.id

    @cached_property
    def document(self) -> Any:
        """The body as JSON; None if it isn't. Read only once the exchange has ended."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None


CURRENT: ContextVar[Exchange | None] = ContextVar("synth_sdk_exchange", default=None)
