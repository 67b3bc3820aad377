"""Real processes: killed ones lose nothing, and two on one folder get along."""

import signal
import subprocess
import sys
import time

from synth_sdk.cache import Cached, Journal, Store, request_key
from synth_sdk.core.models import Reply
from tests.cache.support import Model, a_request

JOURNAL = """
import os, signal, sys
from synth_sdk.cache import Journal
from synth_sdk.core.models import Reply
journal = Journal(sys.argv[1], "run-1")
journal.record(["a", "b"], "arm", Reply(text="paid for", finish="stop"), 42)
os.kill(os.getpid(), signal.SIGKILL)
"""

LEADER = """
import asyncio, sys
from synth_sdk.cache import Cached, Store
from tests.cache.support import Model, a_request

class Told(Model):
    async def complete(self, request):
        print("asked", flush=True)
        return await super().complete(request)

asyncio.run(Cached(Told(delay=float(sys.argv[2])), Store(sys.argv[1])).complete(a_request()))
print("done", flush=True)
"""

BUSY = """
import asyncio, sys
from synth_sdk.cache import Cached, Journal, Store
from synth_sdk.core.models import Reply
from tests.cache.support import Model, a_request

async def main(folder):
    model = Model(delay=0.002)
    journal = Journal(folder + "/journal", "run-1")
    with Store(folder + "/cache") as store:
        cached = Cached(model, store)
        for start in range(0, 200, 20):
            await asyncio.gather(*(cached.complete(a_request(slot=str(n))) for n in range(start, start + 20)))
            journal.record([f"{sys.argv[2]}-{start}", "all"], "arm", Reply(text="x", finish="stop"), 1)
    journal.close()
    print(model.calls)

asyncio.run(main(sys.argv[1]))
"""


def start(program, *arguments):
    return subprocess.Popen(
        [sys.executable, "-c", program, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def test_what_was_recorded_survives_kill_9(tmp_path):
    with start(JOURNAL, tmp_path / "j") as process:
        process.communicate()
    assert process.returncode == -signal.SIGKILL
    journal = Journal(tmp_path / "j", "run-1")
    assert [(entry.reply.text, entry.position, entry.cost_micros) for entry in journal.replies("b")] == [("paid for", 1, 42)]
    journal.close()


async def test_a_killed_leader_delays_nobody(tmp_path):
    with start(LEADER, tmp_path / "c", 60) as leader:
        assert leader.stdout.readline() == "asked\n"
        leader.kill()
        leader.wait()
    began = time.monotonic()
    model = Model()
    with Store(tmp_path / "c") as store:
        assert (await Cached(model, store).complete(a_request())).origin == "llm"
    assert model.calls == 1
    assert time.monotonic() - began < 2  # far below the term of a lease


async def test_what_another_process_is_buying_is_waited_for(tmp_path):
    with start(LEADER, tmp_path / "c", 1) as leader:
        assert leader.stdout.readline() == "asked\n"
        model = Model()
        with Store(tmp_path / "c") as store:
            done = await Cached(model, store).complete(a_request())
        assert (done.origin, done.saved_micros, model.calls) == ("cache", 70, 0)
        assert leader.communicate() == ("done\n", "")


def test_two_processes_on_one_folder_share_the_work(tmp_path):
    workers = [start(BUSY, tmp_path, name) for name in ("one", "two", "three")]
    told = [worker.communicate(timeout=60) for worker in workers]
    assert [errors for _, errors in told] == ["", "", ""]
    assert sum(int(out) for out, _ in told) == 200  # each record was bought once
    journal = Journal(tmp_path / "journal", "run-1")
    assert len(journal.replies("all")) == 30  # no pointer was lost
    journal.close()
    with Store(tmp_path / "cache") as store:
        assert store.stats()["entries"] == 200
        assert all(store.get(request_key(a_request(slot=str(n)))) is not None for n in range(200))


def test_no_brief_or_secret_is_written(tmp_path):
    """Keys are hashes: of the request nothing is on disk but what came back."""
    marker = "sk-marker-5f1e0c9a77"
    journal = Journal(tmp_path / "journal", "run-1")
    with Store(tmp_path / "cache") as store:
        request = a_request(brief=f"brief {marker}", instructions=f"instructions {marker}", arms=(marker,))
        store.put(request_key(request), {"a": 1}, model="m", cost_micros=1)
        journal.record([request_key(request)], "arm", Reply(text="x", finish="stop"), 1)
        written = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    journal.close()
    assert b"arm" in written
    assert marker.encode() not in written
    assert b"brief" not in written
