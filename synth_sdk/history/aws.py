"""Clients of AWS as the history needs them: short of patience, and with its errors as ours."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from synth_sdk.core.aws import patience, session
from synth_sdk.history.store import HistoryError

Value = TypeVar("Value")

_SECONDS_TO_CONNECT, _SECONDS_TO_ANSWER, _TRIES = 2, 5, 2
_REFUSED = "the credentials aren't accepted"
_REASONS = {
    "AccessDenied": "the credentials lack a permission for it",
    "AccessDeniedException": "the credentials lack a permission for it",
    "UnrecognizedClientException": _REFUSED,
    "InvalidSignatureException": _REFUSED,
    "SignatureDoesNotMatch": _REFUSED,
    "InvalidClientTokenId": _REFUSED,
    "IncompleteSignatureException": _REFUSED,
    "ExpiredToken": "the credentials have expired",
    "ExpiredTokenException": "the credentials have expired",
}


class Answered(Exception):
    """A signal: AWS answered with the error of this `code`, which the caller wanted to know of."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def session_and_options(service: str, env: Mapping[str, str] | None, region: str | None = None) -> tuple[Any, dict[str, Any]]:
    """A session with the credentials of `env` (None: those that the usual chain finds), and options of its clients of `service`."""
    env = env or {}
    endpoint = env.get(f"AWS_ENDPOINT_URL_{service.upper()}") or env.get("AWS_ENDPOINT_URL") or None
    config = patience(_SECONDS_TO_CONNECT, _SECONDS_TO_ANSWER, _TRIES)
    return session(env, region), {"config": config, "endpoint_url": endpoint}


def asked(what: str, ask: Callable[..., Value], *signals: str, **given: Any) -> Value:
    """The answer to `ask(**given)`. HistoryError, which begins with `what`, for an error of AWS or of its library; Answered for codes in `signals`."""
    from boto3.exceptions import Boto3Error
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        return ask(**given)
    except ClientError as error:
        told = error.response.get("Error", {})
        code = str(told.get("Code"))
        if code in signals:
            raise Answered(code) from None
        words = f"{code}: {told.get('Message')}"
        raise _failed(what, next((reason for name, reason in _REASONS.items() if name in words), words)) from None
    except (BotoCoreError, Boto3Error, ValueError) as error:
        raise _failed(what, error) from None


def _failed(what: str, why: object) -> HistoryError:
    return HistoryError(f"{what}: {' '.join(str(why).split()).rstrip('.')}")
