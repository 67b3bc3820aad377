"""Faults of providers over real sockets, at a small size: nothing is lost, late by much, asked too early, or off the books.

`benchmarks/faults.py` prints the same for more records, all three wire formats and faults at every provider at once.
"""

import pytest

from benchmarks.faults import ARMS, CLEAN, FAULTY, GONE, MOST_CALLS, SLOWER, Case, Scale, run
from tests.support.dead_ends import black_hole, refusing
from tests.support.request_log import RequestLog

pytestmark = pytest.mark.slow
SMALL = Scale(records=90, concurrency=16, latency=(0.08, 0.16), stated=0.4, timeout=1.0)
START_UP = 0.6  # seconds: of a run this short, a client's start and one busy moment of the machine are a part worth naming
HEADS = tuple(ARMS)
BY_NAME = {case.name: case for case in (*FAULTY, *GONE)}


def chain(head: str) -> list[str]:
    return sorted(ARMS, key=lambda provider: provider != head)


@pytest.fixture(scope="module")
def clean() -> float:
    """Seconds that the same records take when nothing goes wrong; the first run imports the libraries."""
    run(CLEAN, chain("gemini"), Scale(records=6, concurrency=2))
    return run(CLEAN, chain("gemini"), SMALL).seconds


@pytest.mark.parametrize(
    ("name", "head"),
    [
        ("rate limit stated", "gemini"),  # in the body
        ("rate limit stated", "openrouter"),  # in a header
        ("rate limit stated", "bedrock"),
        ("rate limit", "bedrock"),
        ("server error", "openrouter"),
        ("unavailable", "bedrock"),
        ("truncate", "bedrock"),
        ("cut body", "gemini"),
        ("slow", "openrouter"),
        ("disconnect", "bedrock"),
        ("reset", "openrouter"),
        ("cut", "gemini"),
        ("eight of them together", "gemini"),
        ("dead", "openrouter"),
        ("black hole", "bedrock"),
    ],
)
def test_a_faulty_first_provider_costs_neither_records_nor_much_time(clean: float, name: str, head: str) -> None:
    told = run(BY_NAME[name], chain(head), SMALL, head)
    silent = SMALL.timeout if BY_NAME[name].silent else 0.0
    assert list(told.broken(SMALL.records, SLOWER * clean + START_UP + silent)) == [], told


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["rate limit stated", "server error", "cut body", "slow", "disconnect", "eight of them together"]
)
def test_faults_everywhere_at_once_cost_time_at_most(clean: float, name: str) -> None:
    """Eight faults at a tenth each would spoil more than half of all calls: then every breaker opens, for seconds. Here one in four."""
    case = BY_NAME[name]
    told = run(case, chain("gemini"), SMALL, probability=0.1 if len(case.faults) == 1 else 0.035)
    assert list(told.broken(SMALL.records)) == [], told


def test_tries_end_when_nothing_but_faults_comes(clean: float) -> None:
    told = run(Case("always", ("broken",)), chain("gemini"), SMALL, probability=1.0)
    assert told.delivered == 0
    assert told.most_calls <= MOST_CALLS
    assert told.bill <= told.settled + told.held
    assert len(told.errors) >= len(ARMS)


def test_the_log_tells_who_came_too_early() -> None:
    now = [0.0]
    log = RequestLog(clock=lambda: now[0])
    for moment, arm in ((0.0, "a"), (1.05, "a"), (1.5, "b"), (1.5, "a"), (3.0, "a")):
        now[0] = moment
        log.arrived(arm)
        if moment == 0.0:
            now[0] = 1.0
            log.state("a", 2.0)
    assert log.early(0.1) == [("a", 0.5, 1.5)]


def test_dead_ends_are_what_they_say() -> None:
    import socket

    with refusing() as url, socket.socket() as client, pytest.raises(ConnectionRefusedError):
        client.connect(("127.0.0.1", int(url.rpartition(":")[2])))
    with black_hole() as url, socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2]))) as client:
        client.sendall(b"POST / HTTP/1.1\r\n\r\n")
        client.settimeout(0.1)
        with pytest.raises(TimeoutError):
            client.recv(1)
