"""How a check speaks."""


def must(holds: object, otherwise: str) -> None:
    """AssertionError with `otherwise`, also where Python runs without its `assert` statements."""
    if not holds:
        raise AssertionError(otherwise)
