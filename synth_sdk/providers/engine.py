"""The foreign libraries, loaded once at the first real call and made quiet.

litellm translates, instructor types the reply. Importing litellm takes seconds of CPU, and with its defaults it fetches
price and header files from the network, reads `./.env` and prints: the environment variables and switches below turn that off.
"""

import logging
import os
import threading
import warnings
from functools import cache
from importlib import import_module
from types import ModuleType

from synth_sdk.core.redact import RedactingFilter

_BEFORE_IMPORT = {
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",  # no download of prices
    "LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS": "True",  # no download of header names at a call with beta headers
    "LITELLM_MODE": "PRODUCTION",  # no reading of ./.env
}
# Reports of failures reach the caller as errors of ours; what these loggers say besides would print prompts and signatures.
_MUTED = ("LiteLLM", "LiteLLM Router", "LiteLLM Proxy", "instructor", "instructor.v2", "instructor.v2.retry")
_CALMED = ("httpx", "httpcore", "openai", "openai._base_client", "aiohttp", "boto3", "botocore", "botocore.auth", "urllib3")

_lock = threading.Lock()


def loaded() -> bool:
    """Whether `libraries` returns at once."""
    return _load.cache_info().currsize > 0


def libraries() -> tuple[ModuleType, ModuleType]:
    """(litellm, instructor), imported and quiet. The first time takes about four seconds of CPU: keep that off the event loop."""
    if loaded():
        return _load()
    with _lock:
        return _load()


@cache
def _load() -> tuple[ModuleType, ModuleType]:
    os.environ.update(_BEFORE_IMPORT)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import instructor
        import litellm

        import_module("synth_sdk.providers.sockets")  # what it imports would hold the loop up at the first call
    litellm.suppress_debug_info = True
    litellm.telemetry = False
    litellm.disable_hf_tokenizer_download = True
    for name in _MUTED:
        _hush(name, logging.CRITICAL + 1)
    for name in _CALMED:
        _hush(name, logging.WARNING)
    return litellm, instructor


def _hush(name: str, level: int) -> None:
    logger = logging.getLogger(name)
    logger.setLevel(level)
    for place in (logger, *logger.handlers):
        place.addFilter(RedactingFilter())
