"""`--stream` and `--stream-to` as users have them: pace, pipes, interrupts, targets that come and go, one-line errors."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from synth_sdk.cli import main
from synth_sdk.client import run
from synth_sdk.client.streaming import publishing
from tests.support.children import child
from tests.support.servers import HttpServer, NatsServer, RedisServer, WebSocketServer, free_port

SYNTH = [sys.executable, "-m", "synth_sdk.cli", "generate"]


@pytest.fixture
def cli(tmp_path, monkeypatch, capfd):
    """Run `synth WORDS...` in this process: exit code, standard output and error."""
    monkeypatch.chdir(tmp_path)

    def run(*words):
        with pytest.raises(SystemExit) as done:
            main([str(word) for word in words])
        told = capfd.readouterr()
        return done.value.code, told.out, told.err

    return run


# Pace


def test_each_record_leaves_when_it_is_due(tmp_path, home):
    words = [*SYNTH, "text", "-n", 40, "--stream", "--rate", "20/sec", "--quiet"]
    arrived = []
    with child(words, cwd=tmp_path, env={**os.environ, "SYNTH_HOME": str(home)}, stdout=subprocess.PIPE) as running:
        for line in running.stdout:
            json.loads(line)
            arrived.append(time.monotonic())
    assert len(arrived) == 40
    assert 1.9 <= arrived[-1] - arrived[0] < 4
    for number, moment in enumerate(arrived):
        assert moment - arrived[0] >= number / 20 - 0.05  # never before it is due; the first may have been late
    assert running.returncode == 0


def test_the_seeds_line_writes_a_file_in_real_time(cli, tmp_path):
    began = time.monotonic()
    code, out, err = cli("generate", "events", "--count", 100, "--rate", "100/sec", "--stream", "--output", "events.jsonl")
    assert (code, out) == (0, ""), err
    assert time.monotonic() - began >= 0.98
    assert len((tmp_path / "events.jsonl").read_text().splitlines()) == 100


def test_the_pace_changes_no_byte(cli):
    words = ("generate", "user_profile", "-n", 300, "--seed", 5, "--rate", "3000/sec", "--quiet")
    assert cli(*words, "--stream")[1] == cli(*words)[1]


@pytest.mark.parametrize("rate", ["1/min", "50/sec"])
def test_a_reader_that_goes_away_ends_it_quietly_and_at_once(rate, tmp_path, home):
    words = " ".join(map(str, [*SYNTH, "text", "-n", 100_000, "--stream", "--rate", rate]))
    began = time.monotonic()
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", f"{words} | head -n 1"],
        capture_output=True, text=True, timeout=60, check=False, cwd=tmp_path, env={**os.environ, "SYNTH_HOME": str(home)},
    )  # fmt: skip
    assert (done.returncode, done.stderr, len(done.stdout.splitlines())) == (0, "", 1)
    assert time.monotonic() - began < 15


def test_ctrl_c_is_130_at_once_and_what_was_acknowledged_stays(tmp_path, home):
    with HttpServer() as server:
        words = [*SYNTH, "text", "-n", 10_000, "--stream", "--rate", "100/sec", "--stream-to", server.url]
        with child(words, cwd=tmp_path, env={**os.environ, "SYNTH_HOME": str(home)}, stderr=subprocess.PIPE) as running:
            deadline = time.monotonic() + 30
            while len(server.records) < 20 and time.monotonic() < deadline:
                time.sleep(0.02)
            began = time.monotonic()
            running.send_signal(signal.SIGINT)
            _, err = running.communicate(timeout=30)
        assert time.monotonic() - began < 5
        assert running.returncode == 130
        assert err.strip().startswith("synth: interrupted")
        assert err.strip().count("\n") == 0
        assert len(server.records) >= 20


# Targets


def test_records_are_published_with_ids_that_a_repeated_command_gives_them_again(cli, tmp_path):
    with RedisServer(tmp_path) as server:
        url = server.url.replace("redis://", "redis://default:@")
        words = ("generate", "text", "-n", 300, "--seed", 4, "--stream-to", url)
        code, out, err = cli(*words, "--report", "r.json")
        assert (code, out) == (0, ""), err
        first = server.received()
        cli(*words)
        again = server.received()[300:]
        plain = [json.loads(line) for line in cli("generate", "text", "-n", 300, "--seed", 4)[1].splitlines()]
    report = json.loads((tmp_path / "r.json").read_text())
    assert [name for name, _ in first] == [f"{report['fingerprint']}-{index}" for index in range(300)]
    assert [record for _, record in first] == plain
    assert again == first
    assert report["output_location"] == f"redis://[redacted]@127.0.0.1:{server.port}/0?stream=events"


def test_a_file_may_be_written_too_in_a_dialect(cli, tmp_path):
    with NatsServer(tmp_path) as server:
        words = ("generate", "conversation", "-n", 20, "--dialect", "openai", "-o", "c.jsonl", "--report", "r.json")
        code, out, err = cli(*words, "--stream-to", server.url)
        assert (code, out) == (0, ""), err
        assert [record for _, record in server.received()] == [
            json.loads(line) for line in (tmp_path / "c.jsonl").read_text().splitlines()
        ]
        assert json.loads((tmp_path / "r.json").read_text())["output_location"] == f"c.jsonl and {server.url}"


def test_workers_make_the_same_messages(cli, monkeypatch):
    monkeypatch.setattr(run, "_FEWEST_BATCHES", 0)
    with HttpServer() as one, HttpServer() as two:
        for server, workers in ((one, 1), (two, 2)):
            assert cli("generate", "text", "-n", 300, "--workers", workers, "--stream-to", server.url, "--quiet")[0] == 0
        assert len(one.records) == 300
        assert one.received() == two.received()


def test_bought_records_are_published_as_they_come(cli, server, monkeypatch):
    for name, value in server.env("gemini").items():
        monkeypatch.setenv(name, value)
    with WebSocketServer(acks=True) as target:
        words = ("generate", "text", "-n", 100, "--mode", "llm", "--budget", 5, "--stream-to", target.url)
        code, _, err = cli(*words)
        assert code == 0, err
        assert [int(name.rpartition("-")[2]) for name, _ in target.received()] == list(range(100))


def test_a_server_that_is_killed_and_comes_back_costs_nothing(tmp_path, home):
    with RedisServer(tmp_path) as server:
        words = [*SYNTH, "user_profile", "-n", 3_000, "--stream", "--rate", "2000/sec", "--stream-to", server.url]
        with child(words, cwd=tmp_path, env={**os.environ, "SYNTH_HOME": str(home)}, stderr=subprocess.PIPE) as running:
            deadline = time.monotonic() + 30
            while len(server.received()) < 500 and time.monotonic() < deadline:
                time.sleep(0.02)
            server.kill()
            time.sleep(0.3)
            server.start()
            _, err = running.communicate(timeout=60)
        assert running.returncode == 0, err
        assert {int(name.rpartition("-")[2]) for name, _ in server.received()} == set(range(3_000))


def test_a_server_that_stays_away_is_given_up_with_exit_1(cli, monkeypatch, tmp_path):
    monkeypatch.setattr(publishing, "_FIRST_STRETCH", 10)
    with HttpServer(answers=((200, {}), *[(503, {})] * 1_000)) as server:
        place = f"127.0.0.1:{server.port}/x"
        words = ("generate", "text", "-n", 500, "-o", "t.jsonl", "--stream-to", f"http://u:MARKERpass@{place}#patience=700ms")
        code, out, err = cli(*words)
    assert (code, out) == (1, "")
    assert f"http://[redacted]@{place}: no progress for 0.7 s: answered 503 Service Unavailable; 10 records acknowledged" in err
    assert "MARKER" not in err
    assert list(tmp_path.glob("*.jsonl*")) == []


def test_a_pipeline_that_is_not_configured_does_nothing(cli):
    code, out, err = cli("generate", "events", "--count", 10, "--stream-to", "midstreamer")
    assert code == 0
    assert len(out.splitlines()) == 10
    assert "set integrations.midstreamer.url in the configuration" in err


def test_a_pipeline_that_is_configured_is_published_to(cli, tmp_path):
    with NatsServer(tmp_path) as server:
        place = server.url.rpartition("/")[0]
        told = f"integrations: {{midstreamer: {{enabled: true, defaultPipeline: shop.events, url: '{place}'}}}}\n"
        (tmp_path / "synth.yaml").write_text(told)
        code, out, err = cli("generate", "events", "--count", 10, "--stream-to", "midstreamer")
        assert (code, out) == (0, ""), err
        assert len(server.received()) == 10


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--stream-to", "redis://127.0.0.1/0"], "name the stream"),
        (["--stream-to", "redis://127.0.0.1:x/0?stream=s"], "port from 1 to 65535"),
        (["--stream-to", "redis://:MARKERpw@127.0.0.1/db?stream=s"], "database"),
        (["--stream-to", "kafka://h/x"], "unknown scheme of a stream target 'kafka'"),
        (["--stream-to", "midstraemer"], "did you mean midstreamer?"),
        (["--stream-to", "nats://MARKERtok1@127.0.0.1:CLOSED/s"], "Connection refused"),
        (["--stream-to", "redis://:MARKERpw@127.0.0.1:CLOSED/0?stream=s"], "Connection refused"),
        (["--stream-to", "http://u:MARKERpw@127.0.0.1:CLOSED/x?t=MARKERtok"], "Connection refused"),
        (["--stream-to", "ws://u:MARKERpw@127.0.0.1:CLOSED/x"], "Connection refused"),
        (["--stream-to", "http://127.0.0.1/x", "--format", "csv"], "records are published as JSON"),
        (["--stream-to", "http://127.0.0.1/x#patience=soon"], "patience"),
        (["--stream-to", "http://127.0.0.1/x", "-o", "parts/"], "can't be streamed"),
        (["--stream", "-o", "parts/"], "can't be streamed"),
        (["--stream", "--rate", "fast"], "rate 'fast'"),
        (["--stream", "--rate", "0/sec"], "rate '0/sec'"),
        (["--stream", "--rate", "100/fortnight"], "100/fortnight"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_wrong_request_is_exit_2_and_one_line(cli, tmp_path, words, says):
    closed = str(free_port())
    code, out, err = cli("generate", "text", *(word.replace("CLOSED", closed) for word in words))
    assert (code, out) == (2, "")
    assert err.startswith("synth: error: ")
    assert err.count("\n") == 1
    assert says in err
    assert "MARKER" not in err
    assert list(tmp_path.iterdir()) == []
