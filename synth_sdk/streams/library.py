"""Client libraries are optional extras: imported when a target needs them."""

from importlib import import_module
from typing import Any

from synth_sdk.core.errors import RequestError


def library(module: str, extra: str) -> Any:
    """The client library `module`. RequestError with the command that installs it."""
    try:
        return import_module(module)
    except ImportError as error:
        needs = f"needs {module.partition('.')[0]}, which isn't installed: pip install 'synth-data-sdk[{extra}]'"
        raise RequestError(f"streaming to {extra} {needs}") from error
