"""What an optional library adds; looked for without loading it."""

from importlib.util import find_spec


def has_sklearn() -> bool:
    """The extra `eval` is installed."""
    return find_spec("sklearn") is not None
