"""One server of each kind for a process that runs tests; an empty database for each test."""

from contextlib import ExitStack

import pytest

from tests.support.databases import DuckPlace, MariaPlace, PostgresPlace, SqlitePlace, maria_server, postgres_server
from tests.support.servers import need

NAMES = ["postgres", "mariadb", "sqlite", "duckdb"]


@pytest.fixture(scope="session")
def postgres_socket(tmp_path_factory):
    """Tells where a server listens: a new one if the last was ended from outside, as was seen once in a run of many processes."""
    sockets = []
    with ExitStack() as servers:

        def listening():
            if not sockets or not PostgresPlace.listens(sockets[-1]):
                sockets.append(servers.enter_context(postgres_server(tmp_path_factory.mktemp("postgres"))))
            return sockets[-1]

        yield listening


@pytest.fixture(scope="session")
def maria(tmp_path_factory):
    with maria_server(tmp_path_factory.mktemp("mariadb")) as server:
        yield server


@pytest.fixture
def postgres(postgres_socket):
    return PostgresPlace(postgres_socket())


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
