import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from synth_sdk.dialogue import Pack, load_pack

DOCS = Path(__file__).parents[2] / "docs" / "packs.md"


@pytest.fixture(scope="session")
def start() -> datetime:
    return datetime(2025, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="session")
def example_text() -> str:
    """The complete example of docs/packs.md."""
    return _block("library.yaml")


@pytest.fixture(scope="session")
def spanish_text() -> str:
    """Its Spanish file."""
    return _block("es.yaml")


def _block(name: str) -> str:
    found = re.search(rf"```yaml {re.escape(name)}\n(.*?)```", DOCS.read_text("utf-8"), re.DOTALL)
    assert found, name
    return found.group(1)


@pytest.fixture
def write_pack(tmp_path: Path, example_text: str):
    """Write the example with some text replaced and return its path."""

    def write(old: str = "", new: str = "", name: str = "library.yaml") -> Path:
        assert not old or old in example_text, f"{old!r} is not in the example"
        path = tmp_path / name
        path.write_text(example_text.replace(old, new, 1) if old else example_text)
        return path

    return write


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory, example_text: str) -> Pack:
    path = tmp_path_factory.mktemp("packs") / "library.yaml"
    path.write_text(example_text)
    return load_pack(path)


@pytest.fixture(scope="session")
def support() -> Pack:
    return load_pack("customer_support")
