"""Tokens and digests: the same for the same value wherever it stands, in every run with the same key."""

import json
from base64 import b32encode
from dataclasses import dataclass
from functools import lru_cache

from synth_sdk.compliance.masking.keys import Key
from synth_sdk.core.errors import SynthError
from synth_sdk.core.models import Json

_PREFIX = "tok_"
_BODY, _CHECK = 12, 3  # bytes: 96 bits of the value's digest, and 24 by which a token of ours is known
_SIZE = len(_PREFIX) + 24
_MOST_REMEMBERED = 1_000_000


@dataclass(frozen=True, slots=True)
class Hash:
    """HMAC-SHA256 as 64 hex digits. Hashing a hash gives another one."""

    def __call__(self, value: Json, key: Key) -> Json:
        return key.digest("hash", as_text(value)).hex()


@dataclass(frozen=True, slots=True)
class Tokenize:
    """`tok_` and 24 characters. A token of the same key stays as it is: masking twice is masking once.

    SynthError if two values ever had the same one (a chance of 2**-96 a pair; the last million of a process are compared).
    """

    def __call__(self, value: Json, key: Key) -> Json:
        text = as_text(value)
        if is_token(text, key):
            return text
        digest = key.digest("token", text)
        token = _token(digest[:_BODY], key)
        known = _remembered(key)
        if known.setdefault(token, digest) != digest:
            raise SynthError(f"two values have the token {token}: choose another SYNTH_MASK_KEY")
        if len(known) > _MOST_REMEMBERED:
            known.clear()
        return token


def is_token(text: str, key: Key) -> bool:
    """Was it made with this key?"""
    from base64 import b32decode

    if len(text) != _SIZE or not text.startswith(_PREFIX):
        return False
    try:
        body = b32decode(text[len(_PREFIX) :].upper())[:_BODY]
    except ValueError:
        return False
    return _token(body, key) == text


def as_text(value: Json) -> str:
    """One text for each value: 42 and "42" are the same, so that keys meet across formats."""
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True, ensure_ascii=False)


def _token(body: bytes, key: Key) -> str:
    check = key.digest("token check", body.hex())[:_CHECK]
    return _PREFIX + b32encode(body + check).decode().lower()


@lru_cache(maxsize=4)
def _remembered(key: Key) -> dict[str, bytes]:
    return {}
