"""AWS for any room that needs it: a session whose credentials are never quoted in a message, and clients that give up in time."""

from collections.abc import Mapping
from typing import Any

from synth_sdk.core.redact import register_secrets

_KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
_SHORTEST_KEY_ID = 16  # letters of an AWS key id; a server's own user names may be any word


def session(env: Mapping[str, str] | None = None, region: str | None = None) -> Any:
    """A session of boto3 with what `env` says of credentials, profile and region; what it doesn't say, the usual chain finds.

    Errors are botocore's: a profile that isn't there, credentials that can't be had.
    """
    import boto3

    env = env or {}
    key, secret, token = (env.get(name) or None for name in _KEYS)
    keys = {"aws_access_key_id": key, "aws_secret_access_key": secret, "aws_session_token": token} if key and secret else {}
    region = region or env.get("AWS_REGION") or env.get("AWS_DEFAULT_REGION") or None
    made = boto3.Session(**keys, profile_name=env.get("AWS_PROFILE") or None, region_name=region)
    _register(made.get_credentials())
    return made


def patience(connect_seconds: float, answer_seconds: float, tries: int, **more: Any) -> Any:
    """The configuration of a client that waits so long and tries so often; `more` as botocore's Config has it."""
    from botocore.config import Config

    retries = {"total_max_attempts": tries, "mode": "standard"}
    return Config(connect_timeout=connect_seconds, read_timeout=answer_seconds, retries=retries, **more)


def _register(credentials: Any) -> None:
    if credentials is None:
        return
    frozen = credentials.get_frozen_credentials()
    key = frozen.access_key if len(frozen.access_key or "") >= _SHORTEST_KEY_ID else None
    register_secrets([key, frozen.secret_key, frozen.token])
