"""Work behind the caller's back: in order, errors come out, nothing hangs."""

from threading import Event, Semaphore, Timer

import pytest

from synth_sdk.sinks.databases.behind import Behind


def put_all(behind, count):
    for item in range(count):
        behind.put(item)


def test_everything_is_done_in_order():
    done = []
    behind = Behind(done.append)
    put_all(behind, 100)
    behind.close()
    assert done == list(range(100))


def test_an_error_comes_out_and_nothing_is_done_after_it():
    done = []

    def work(item):
        if item == 3:
            raise OSError("the disk is full")
        done.append(item)

    behind = Behind(work)
    with pytest.raises(OSError, match="the disk is full"):
        put_all(behind, 100)
    with pytest.raises(OSError, match="the disk is full"):
        behind.close()
    behind.abandon()
    assert done == [0, 1, 2]


def test_an_error_of_the_last_item_comes_out_at_the_end():
    def work(item):
        raise OSError(f"item {item}")

    behind = Behind(work)
    behind.put(7)
    with pytest.raises(OSError, match="item 7"):
        behind.close()


def test_what_is_abandoned_is_not_done():
    begun, go_on, done = Event(), Event(), []

    def work(item):
        begun.set()
        go_on.wait()
        done.append(item)

    behind = Behind(work)
    for item in range(3):
        behind.put(item)
    begun.wait()
    Timer(0.05, go_on.set).start()  # `abandon` waits for what was begun
    behind.abandon()
    behind.abandon()
    assert done == [0]


def test_whoever_makes_items_waits_for_the_work():
    gate, done, ahead = Semaphore(0), [], []

    def work(item):
        gate.acquire()
        done.append(item)
        ahead.append(made - item)

    behind, made = Behind(work), 0
    Timer(0.05, gate.release, (50,)).start()
    for made in range(50):
        behind.put(made)
    behind.close()
    assert len(done) == 50
    assert max(ahead) <= 3
