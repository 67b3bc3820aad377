"""One server of each kind for a process that runs tests; an empty database for each test."""

import pytest

from tests.support.databases import DuckPlace, MariaPlace, PostgresPlace, SqlitePlace, maria_server, postgres_server
from tests.support.servers import need

NAMES = ["postgres", "mariadb", "sqlite", "duckdb"]


@pytest.fixture(scope="session")
def postgres_socket(tmp_path_factory):
    with postgres_server(tmp_path_factory.mktemp("postgres")) as socket:
        yield socket


@pytest.fixture(scope="session")
def maria(tmp_path_factory):
    with maria_server(tmp_path_factory.mktemp("mariadb")) as server:
        yield server


@pytest.fixture
def postgres(postgres_socket):
    return PostgresPlace(postgres_socket)


@pytest.fixture
def mariadb(maria):
    return MariaPlace(maria)


@pytest.fixture
def sqlite(tmp_path):
    return SqlitePlace(tmp_path)


@pytest.fixture
def duckdb(tmp_path):
    need(pytest.importorskip("importlib.util").find_spec("duckdb"), "duckdb")
    return DuckPlace(tmp_path)


@pytest.fixture(params=NAMES)
def place(request):
    return request.getfixturevalue(request.param)
