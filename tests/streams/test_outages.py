"""Every target: all records arrive, in order. Killed in the middle and brought back, nothing is lost, and twice only with the same id."""

import asyncio
import json
import threading
import time

import pytest

from synth_sdk.client.streaming import open_publisher, publishing
from synth_sdk.core.errors import OutputError
from synth_sdk.testing import check_publisher
from tests.streams.support import messages, pairs, send
from tests.support.servers import TARGETS, running


@pytest.fixture(params=TARGETS)
def target(request, tmp_path):
    with running(request.param, tmp_path) as server:
        yield server


def test_all_records_arrive_in_order_with_their_ids(target):
    sent = messages(3_000)
    assert send(target.url, sent) == 3_000
    assert target.received() == pairs(sent)


def test_the_publisher_keeps_to_what_every_publisher_must(target):
    def received():
        compact = ((name, json.dumps(record, ensure_ascii=False, separators=(",", ":"))) for name, record in target.received())
        return [(name, body.encode()) for name, body in compact]

    send(target.url, messages(1))  # makes a stream that isn't there
    check_publisher(open_publisher, target.url, received)


def test_a_target_that_is_killed_and_comes_back_loses_nothing(target):
    sent = messages(3_000, size=200)
    made = []

    async def source():
        for message in sent:
            made.append(message)
            if len(made) % 20 == 0:
                await asyncio.sleep(0.003)
            yield message

    done = []
    sending = threading.Thread(target=lambda: done.append(send(target.url, source())))
    sending.start()
    for reached in (800, 2_000):
        while len(made) < reached:
            time.sleep(0.002)
        target.kill()
        time.sleep(0.15)
        target.start()
    sending.join(60)
    assert done == [3_000]
    arrived = target.received()
    assert dict(arrived) == dict(pairs(sent))
    assert list(dict.fromkeys(name for name, _ in arrived)) == [message.id for message in sent]


def test_while_a_target_is_away_no_more_is_made_than_may_wait(target, monkeypatch):
    monkeypatch.setattr(publishing, "_MOST_WAITING", 300)
    made = 0

    def source():
        nonlocal made
        for message in messages(1_000):
            made += 1
            yield message

    done = []

    async def gated():
        for message in source():
            if made == 500:
                await asyncio.to_thread(target.kill)
            yield message

    sending = threading.Thread(target=lambda: done.append(send(target.url, gated())))
    sending.start()
    time.sleep(0.4)
    assert made <= 500 + 301
    target.start()
    sending.join(60)
    assert done == [1_000]


def test_nobody_there_is_told_at_once(target):
    target.kill()
    began = time.monotonic()
    with pytest.raises(OutputError, match=r"can't be used: .*(Connect|connect|refused|servers).*nothing was sent"):
        send(target.url, messages(3))
    assert time.monotonic() - began < 5
