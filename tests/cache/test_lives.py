"""Who has a part in a run: what one process may forget when it has finished, and what it must leave to others."""

import subprocess
import sys

import pytest

from synth_sdk.cache import Journal, lives
from synth_sdk.core.models import Reply

REPLY = Reply(text="paid for", finish="stop")
KILLED = """
import os, signal, sys
from synth_sdk.cache import Journal
from synth_sdk.core.models import Reply
journal = Journal(sys.argv[1], "run-1")
journal.join()
journal.record(["killed"], "arm", Reply(text="paid for", finish="stop"), 1)
os.kill(os.getpid(), signal.SIGKILL)
"""


def joined(folder):
    journal = Journal(folder, "run-1")
    journal.join()
    return journal


def killed(folder):
    subprocess.run([sys.executable, "-c", KILLED, folder], check=False)


def kept(folder):
    """The keys of whose replies something is left, as a process sees it that comes now."""
    journal = Journal(folder, "run-1")
    found = [key for key in ("first", "second", "killed") if journal.replies(key)]
    journal.close()
    return found


def test_whoever_ends_first_leaves_the_replies_of_the_other_and_the_last_one_clears(tmp_path):
    first, second = joined(tmp_path), joined(tmp_path)
    first.record(["first"], "arm", REPLY, 1)
    second.record(["second"], "arm", REPLY, 1)
    assert not first.alone
    first.clear()
    assert second.alone
    assert kept(tmp_path) == ["first", "second"]
    second.clear()
    assert list(tmp_path.iterdir()) == []


def test_a_process_goes_on_with_those_killed_before_it_and_clears_theirs_too(tmp_path):
    killed(tmp_path)
    journal = joined(tmp_path)
    assert len(journal.replies("killed")) == 1
    assert journal.alone
    journal.clear()
    assert list(tmp_path.iterdir()) == []


def test_what_a_process_paid_that_was_killed_beside_another_waits_for_its_own_repetition(tmp_path):
    finishing = joined(tmp_path)
    killed(tmp_path)
    assert not finishing.alone
    finishing.clear()
    assert kept(tmp_path) == ["killed"]
    again = joined(tmp_path)
    assert again.alone
    again.clear()
    assert kept(tmp_path) == []


def test_a_run_may_be_cleared_after_its_journal_was_closed_but_not_what_was_killed_meanwhile(tmp_path):
    journal = joined(tmp_path)
    killed(tmp_path)
    journal.close()
    assert not journal.alone
    journal.clear()
    assert kept(tmp_path) == ["killed"]
    last = joined(tmp_path)
    last.close()
    last.clear()
    assert list(tmp_path.iterdir()) == []


def test_two_who_go_on_with_the_same_killed_one_both_keep_its_replies(tmp_path):
    killed(tmp_path)
    first, second = joined(tmp_path), joined(tmp_path)
    first.clear()
    assert len(second.replies("killed")) == 1
    assert second.alone
    second.close()


def test_one_that_failed_counts_as_killed(tmp_path):
    failed = joined(tmp_path)
    failed.record(["first"], "arm", REPLY, 1)
    failed.close()
    assert kept(tmp_path) == ["first"]
    assert joined(tmp_path).alone


def test_a_life_is_seen_from_outside_until_it_ends(tmp_path):
    life = lives.begin(tmp_path / "run")
    (path,) = (tmp_path / "run").iterdir()
    assert lives.lives(path)
    life.leave()
    assert not lives.lives(path)
    life.finish()
    assert not lives.lives(path)


def test_joining_while_another_clears_works(tmp_path, monkeypatch):
    """The folder goes between being made and being used."""
    real, gone = lives.Life.__init__, iter([True, True, False])

    def disturbed(self, place):
        if next(gone):
            raise FileNotFoundError(place)
        real(self, place)

    monkeypatch.setattr(lives.Life, "__init__", disturbed)
    lives.begin(tmp_path / "run").finish()


@pytest.mark.parametrize("method", ["join", "clear"])
def test_a_folder_that_cannot_be_used_is_told_in_plain_words(tmp_path, method):
    (tmp_path / "file").write_text("")
    with pytest.raises(Exception, match="can't be used") as told:
        getattr(Journal(tmp_path / "file", "run-1"), method)()
    assert told.value.exit_code == 2
