"""Sending at least once, whatever happens; and ids that are the same for the same wish."""

import asyncio
import socket
import ssl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth_sdk import Synth
from synth_sdk.client.streaming import Publishing, publishing
from synth_sdk.client.streaming.messages import Numbering
from synth_sdk.client.streaming.pieces import pieces
from synth_sdk.client.streaming.targets import PATIENCE, parse_target, target_of
from synth_sdk.core.batches import Records
from synth_sdk.core.clock import Clock
from synth_sdk.core.errors import OutputError, UnknownName, WriteError
from synth_sdk.core.streams import Message, TargetBusy
from synth_sdk.pipeline.blocks import Block


class VirtualTime:
    """Time that passes when somebody sleeps."""

    def __init__(self):
        self.now = 0.0
        self.slept = []

    async def sleep(self, seconds):
        self.slept.append(seconds)
        self.now += seconds
        await asyncio.sleep(0)

    @property
    def clock(self):
        return Clock(now=lambda: self.now, sleep=self.sleep)


class Shaky:
    """A target in memory that takes `taken` messages of a stretch and then fails, as told for each call; None: all is well."""

    def __init__(self, faults=()):
        self.faults, self.arrived, self.open_now, self.largest = list(faults), [], False, 0

    async def open(self):
        assert not self.open_now
        self.open_now = True

    async def publish(self, messages):
        assert self.open_now
        self.largest = max(self.largest, len(messages))
        fault = self.faults.pop(0) if self.faults else None
        if fault is None:
            self.arrived += messages
        elif isinstance(fault, int):
            self.arrived += messages[:fault]
            raise ConnectionResetError("cut")
        else:
            raise fault

    async def close(self):
        self.open_now = False


def messages(count):
    return [Message(f"f-{number}", b"%d" % number) for number in range(count)]


async def send(publisher, sent, **options):
    async with Publishing(publisher, "somewhere", **options) as line:
        await line.send(sent)
        await line.drain()
        assert line.unacknowledged == 0
        return line.acknowledged


@given(st.integers(0, 300), st.lists(st.none() | st.integers(0, 40), max_size=12))
def test_whatever_fails_everything_arrives_in_order_at_least_once(count, faults):
    publisher, time = Shaky(faults), VirtualTime()
    assert asyncio.run(send(publisher, messages(count), clock=time.clock, patience=1e9)) == count
    assert list(dict.fromkeys(publisher.arrived)) == messages(count)
    assert not publisher.open_now


async def test_it_ends_after_patience_without_progress_and_says_how_many_arrived():
    publisher, time = Shaky([None, *[0] * 1_000]), VirtualTime()
    with pytest.raises(
        WriteError, match=r"somewhere: no progress for 300 s: cut; 16 records acknowledged; the same command"
    ) as told:
        await send(publisher, messages(100), clock=time.clock)
    assert told.value.exit_code == 1
    assert 250 < time.now <= 300
    assert max(time.slept) <= 10


async def test_progress_renews_patience():
    outage = [0] * 8
    publisher, time = Shaky([*outage, None, *outage, None, *outage]), VirtualTime()
    assert await send(publisher, messages(100), clock=time.clock, patience=100) == 100


async def test_a_stated_pause_is_kept_and_the_connection_too():
    publisher, time = Shaky([TargetBusy("later", 7.0)]), VirtualTime()
    assert await send(publisher, messages(3), clock=time.clock) == 3
    assert time.slept[0] >= 7.0


async def test_what_is_refused_for_good_is_not_tried_again():
    publisher = Shaky([None, WriteError("refused: no"), None])
    with pytest.raises(WriteError, match="refused: no; 16 records acknowledged"):
        await send(publisher, messages(100))
    assert len(publisher.arrived) == 16


async def test_a_flaw_of_a_publisher_is_raised_as_it_is():
    with pytest.raises(ZeroDivisionError):
        await send(Shaky([ZeroDivisionError()]), messages(5_000))


async def test_a_target_that_is_silent_is_asked_again(monkeypatch):
    monkeypatch.setattr(publishing, "_ANSWERING", 0.05)

    class Silent(Shaky):
        async def publish(self, messages):
            if self.faults:
                self.faults.pop()
                await asyncio.sleep(60)
            await super().publish(messages)

    publisher = Silent([None] * 3)
    assert await send(publisher, messages(40)) == 40


async def test_a_target_that_can_not_be_opened_is_a_wrong_request():
    class Away(Shaky):
        async def open(self):
            raise ConnectionRefusedError(111, "Connection refused")

    with pytest.raises(OutputError, match="somewhere can't be used: Connection refused; nothing was sent") as told:
        await send(Away(), messages(1))
    assert told.value.exit_code == 2


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (ConnectionRefusedError(111, "Connect call failed ('127.0.0.1', 1)"), "Connection refused"),
        (OSError("Multiple exceptions: [Errno 111] Connect call failed ('::1', 1), [Errno 111] Connect call failed"), "Connection refused"),
        (socket.gaierror(-2, "Name or service not known"), "Name or service not known"),
        (ssl.SSLCertVerificationError(1, "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed"), "certificate verify failed"),
        (TimeoutError(), "no answer"),
        (ConnectionError("the connection was lost."), "the connection was lost;"),
    ],
)  # fmt: skip
async def test_a_failure_is_told_in_a_few_words(error, says):
    class Away(Shaky):
        async def open(self):
            if not error.errno:
                raise error
            raise ConnectionError("words of a library") from error

    with pytest.raises(OutputError) as told:
        await send(Away(), messages(1))
    assert says in str(told.value)
    assert "words of a library" not in str(told.value)


async def test_leaving_early_lets_go_at_once():
    publisher = Shaky([0] * 1_000_000)
    async with Publishing(publisher, "somewhere") as line:
        await line.send(messages(10))
    assert not publisher.open_now


async def test_no_more_wait_than_may_and_a_quick_target_gets_many_at_once():
    publisher, most = Shaky(), 0
    async with Publishing(publisher, "somewhere") as line:

        def source():
            nonlocal most
            for message in messages(20_000):
                most = max(most, line.unacknowledged)
                yield message

        await line.send(source())
        await line.drain()
    assert most <= 2_000
    assert 500 <= publisher.largest <= 1_000


async def test_large_records_count_by_their_size():
    large = [Message(f"f-{number}", b"x" * 3_000_000) for number in range(20)]
    publisher = Shaky()
    most = 0
    async with Publishing(publisher, "somewhere") as line:
        for message in large:
            await line.send([message])
            most = max(most, line.unacknowledged)
        await line.drain()
    assert most <= 3
    assert publisher.largest == 1


# Ids and pieces


def block(start, count, missing=()):
    kept = [index for index in range(start, start + count) if index not in missing]
    return Block(content=Records([{"n": index} for index in kept]), count=len(kept), missing=[(index, "") for index in missing])


@given(st.lists(st.tuples(st.integers(1, 30), st.sets(st.integers(0, 29))), max_size=6), st.integers(1, 12))
def test_an_id_is_the_records_number_in_the_run_whatever_is_missing_and_however_blocks_are_cut(shape, rows):
    numbering, start, told = Numbering("abc"), 0, []
    for count, missing in shape:
        made = block(start, count, sorted({start + one for one in missing if one < count}))
        for piece in pieces(made, rows):
            assert piece.count <= rows
            told += [(message.id, message.body) for message in numbering.messages(piece)]
        start += count
    lost = set(range(start)) - {int(body[5:-1]) for _, body in told}
    assert told == [(f"abc-{index}", b'{"n":%d}' % index) for index in range(start) if index not in lost]


def test_an_envelope_is_one_line_of_json():
    assert Message("a-1", '{"ü":1}'.encode()).envelope() == '{"id":"a-1","record":{"ü":1}}'.encode()


@pytest.mark.parametrize("format", ["jsonl", "json", "csv", "sql", "xml", "parquet"])
@pytest.mark.parametrize("kind", ["user_profile", "conversation"])
def test_paced_records_are_the_same_in_every_format(kind, format, tmp_path):
    if (kind, format) == ("conversation", "csv"):
        return
    places = [str(tmp_path / f"{name}.{format}") for name in ("paced", "plain")]
    wish = {"count": 150, "seed": 3, "table": "t"}
    Synth().write(places[0], kind, stream=True, rate="2000/sec", **wish)
    Synth().write(places[1], kind, **wish)
    if format == "parquet":
        import pyarrow.parquet as pq

        assert pq.read_table(places[0]).equals(pq.read_table(places[1]))
        return
    paced, plain = ((tmp_path / f"{name}.{format}").read_bytes() for name in ("paced", "plain"))
    assert paced == plain


# Names of targets


def test_midstreamer_is_what_the_configuration_says():
    def told(**keys):
        return target_of("midstreamer", {"midstreamer": keys} if keys else {})

    for keys, says in ({}, "set integrations.midstreamer.url"), ({"enabled": False, "url": "http://h"}, "switched off"):
        target, why_not = told(**keys)
        assert target is None
        assert says in why_not
    named = {"enabled": True, "default_pipeline": "synthetic-data"}
    assert told(**named, url="redis://h:1/0")[0].url == "redis://h:1/0?stream=synthetic-data"
    assert told(**named, url="redis://h:1/0?maxlen=5")[0].url == "redis://h:1/0?maxlen=5&stream=synthetic-data"
    assert told(**named, url="redis://h?stream=own")[0].url == "redis://h?stream=own"
    assert told(**named, url="nats://h:4222")[0].url == "nats://h:4222/synthetic-data"
    assert told(**named, url="http://h/x")[0].url == "http://h/x"
    with pytest.raises(UnknownName, match=r"did you mean midstreamer\?"):
        target_of("midstream", {})


def test_patience_has_a_default():
    assert parse_target("http://h/x").patience == PATIENCE == 300
