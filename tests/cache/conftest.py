import pytest

from synth_sdk.cache import Journal, Store


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path / "cache") as made:
        yield made


@pytest.fixture
def journal(tmp_path):
    made = Journal(tmp_path / "journal", "run-1")
    yield made
    made.close()
