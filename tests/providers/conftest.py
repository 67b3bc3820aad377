"""Providers that are closed after the test, and a loopback server."""

import pytest

from synth_sdk.providers.engine import libraries
from tests.providers.helpers import ENV, PROVIDERS


@pytest.fixture(scope="session", autouse=True)
def _loaded():
    """The import of litellm takes seconds: before the first test, so that no timeout of a test covers it."""
    libraries()


@pytest.fixture
async def provider():
    """`provider("gemini")` makes a provider (with another environment if given one) that the fixture closes."""
    opened = []

    def make(arm, env=ENV):
        opened.append(PROVIDERS[arm](env))
        return opened[-1]

    yield make
    for one in opened:
        await one.aclose()
