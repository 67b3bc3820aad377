"""Keys in an environment: which values are secret, and whether a key can be sent at all."""

from collections.abc import Mapping

_SECRET = ("_KEY", "_KEY_ID", "_TOKEN", "_TOKEN_BEDROCK")


def secrets_in(env: Mapping[str, str]) -> list[str]:
    """Every value that must never be shown, whichever provider it is for: error texts may quote any of them."""
    return [value for name, value in env.items() if name.endswith(_SECRET)]


def unusable(key: str | None, variable: str) -> str | None:
    """Why `key` can't be used, naming the variable to set but never the value; None when it can."""
    if not key:
        return f"set {variable}"
    if not (key.isascii() and key.isprintable() and " " not in key):
        return f"{variable} holds characters that no key has: set it again without spaces, quotes or line breaks"
    return None
