"""What is known of one exchange while it runs, and what its failure means: by what the provider answered, else by how far it got."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from synth_sdk.core.errors import ModelError, Outcome
from synth_sdk.core.models import Call, Json
from synth_sdk.core.redact import redact
from synth_sdk.providers.failures import error_in_reply, how_it_broke, refusal


@dataclass
class Exchange:
    """One call. `lift` puts a record of the reply into the shape that was asked for (None: it has it). `sent`: the request was let go
    of; `status` is None until the provider answered.
    """

    call: Call
    lift: Callable[[Json], Json] | None = None
    sent: bool = False
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def who(self) -> str:
        """The arm's name at the head of every message."""
        return self.call.card.id

    @cached_property
    def document(self) -> Any:
        """The body as JSON; None if it isn't. Read only once the exchange has ended."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None

    def refused(self) -> ModelError | None:
        """What an error status says, or an error that stands in a 200 in place of a reply; None for neither.

        With a 200 the provider had begun: an upstream's failure may be billed.
        """
        if self.status is not None and self.status >= 300:
            return refusal(self.who, self.status, self.headers, self.body)
        found = error_in_reply(self.document)
        if found is None:
            return None
        code, error = found
        body = json.dumps({"error": error}).encode()
        return refusal(self.who, code, self.headers, body, may_be_billed=code == 408 or code >= 500)

    def no_reply(self) -> ModelError:
        """A 200 whose body holds nothing that its provider would send."""
        start = " ".join(redact(self.body.decode(errors="replace")).split())[:80]
        said = f"{self.who}: {self.status} with a body that is no reply: {start!r}"
        return ModelError(said, outcome=Outcome.UNAVAILABLE, may_be_billed=True, status=self.status)

    def broken(self, error: Exception) -> ModelError:
        """What `error`, raised on the way, means."""
        if self.status is not None and self.status >= 300:
            return refusal(self.who, self.status, self.headers, self.body)
        how, connected = how_it_broke(error)
        if how == "timeout":
            said = f"{self.who}: no reply within {self.call.timeout:g} s"
            return ModelError(said, outcome=Outcome.TIMEOUT, may_be_billed=self.sent and connected, status=self.status)
        if self.sent:
            said = f"{self.who}: {'the connection broke before the reply was whole' if connected else 'no connection'}"
            said += f" ({how})" if how else ""
            return ModelError(said, outcome=Outcome.UNAVAILABLE, may_be_billed=connected, status=self.status)
        said = f"{self.who}: not sent: {one_line(error)}"  # litellm doesn't take the arguments
        return ModelError(said, outcome=Outcome.BAD_REQUEST)


def one_line(error: Exception) -> str:
    """The words of a foreign error, without credentials, on one line."""
    return redact(" ".join(str(error).split()))[:300]
