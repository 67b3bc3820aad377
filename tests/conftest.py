"""Shared fixtures: a home of one's own, and a clean environment in which no key is set."""

import os
from itertools import count

import pytest
from hypothesis import HealthCheck, settings

from tests.support.provider_server import ProviderServer

settings.register_profile(
    "suite", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)  # clocks of a busy machine aren't laws
settings.load_profile("suite")


@pytest.fixture(autouse=True, scope="session")
def _own_data_folder(tmp_path_factory):
    """Where `Synth(env={})`, which knows no SYNTH_HOME, and fixtures of whole modules remember their runs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_DATA_HOME", str(tmp_path_factory.mktemp("data")))
        yield


@pytest.fixture(scope="session")
def _homes(tmp_path_factory):
    """Paths of homes that nobody has had: thousands, most of which are never made."""
    folder = tmp_path_factory.mktemp("homes")
    return (folder / str(number) for number in count())


@pytest.fixture(autouse=True)
def _clean_environment(_homes, monkeypatch):
    """No test sees the user's keys, cache or config."""
    for name in list(os.environ):
        if name.startswith(("AWS_", "SYNTH_")) or name.endswith("_API_KEY"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("SYNTH_HOME", str(next(_homes)))


def pytest_xdist_auto_num_workers(config):
    """One more than there are cores: many tests wait for servers and children."""
    return (os.cpu_count() or 1) + 1


@pytest.fixture
def home(tmp_path):
    """A SYNTH_HOME for one test."""
    return tmp_path / "synth-home"


@pytest.fixture
def server():
    """A server on loopback that speaks the providers' wire formats and keeps its own bill."""
    with ProviderServer() as running:
        yield running
