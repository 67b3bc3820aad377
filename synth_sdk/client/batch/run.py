"""A batch from its file to its result: checked, then run within one account."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from synth_sdk.client.batch.checking import Batch, check
from synth_sdk.client.batch.plan import BatchPlan, make_batch_plan
from synth_sdk.client.batch.reading import read_batch
from synth_sdk.client.batch.result import BatchResult
from synth_sdk.client.batch.running import Running, Watch
from synth_sdk.client.batch.state import read_state
from synth_sdk.core.errors import OutputError, RequestError

if TYPE_CHECKING:
    from synth_sdk.client.synth import Synth
    from synth_sdk.router import Account

MOST_AT_ONCE = 64
Source = str | os.PathLike[str] | Mapping[str, Any]


def run_batch(
    synth: "Synth",
    source: Source,
    *,
    parallel: int = 4,
    output: str | os.PathLike[str] | None = None,
    budget: str | float | int | None = None,
    force: bool = False,
    watch: Watch | None = None,
) -> BatchResult:
    """Make the jobs of `source` that aren't made yet. RequestError for whatever is wrong with the file, before anything is spent."""
    if isinstance(parallel, bool) or not isinstance(parallel, int) or not 1 <= parallel <= MOST_AT_ONCE:
        raise RequestError(f"parallel {parallel!r}: must be a whole number from 1 to {MOST_AT_ONCE}")
    folder = _folder(source, output)
    before = read_state(folder)
    batch = check(synth, read_batch(source, synth._settings.env), folder, budget, before)
    with _alone(folder), _account(synth, batch) as account:
        result = Running(batch, before, account, force=force, watch=watch).run(synth, parallel)
        if account is not None and result.status == "success":
            account.finish()
    return result


def plan_batch(
    synth: "Synth",
    source: Source,
    *,
    output: str | os.PathLike[str] | None = None,
    budget: str | float | int | None = None,
    force: bool = False,
) -> BatchPlan:
    """What `run_batch` would do. Writes and spends nothing."""
    folder = _folder(source, output)
    before = read_state(folder)
    return make_batch_plan(check(synth, read_batch(source, synth._settings.env), folder, budget, before), before, force=force)


def _folder(source: Source, output: str | os.PathLike[str] | None) -> Path:
    """Where the outputs go: by default a folder in the working one, called as the batch file is without its suffix."""
    return Path(output) if output is not None else Path("batch" if isinstance(source, Mapping) else Path(source).stem)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """While this process works in `folder`, which is made if need be. RequestError if another one does."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"output {str(folder)!r}: {error.strerror or error}; choose another folder") from None
    if os.name != "posix":  # elsewhere a folder can't be locked
        yield
        return
    import fcntl

    place = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(place, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise RequestError(
            f"output {str(folder)!r}: another batch is at work in this folder; wait for it, or choose another"
        ) from None
    finally:
        os.close(place)


@contextmanager
def _account(synth: "Synth", batch: Batch) -> Iterator["Account | None"]:
    """The account that the jobs share, if they share a budget and one may spend of it. It closes when every job is delivered: until
    then what earlier runs of the same batch spent counts."""
    if batch.budget is None or not any(prepared.spends for prepared in batch.jobs.values()):
        yield None
        return
    from synth_sdk.client.wiring import open_ledger

    ledger = open_ledger(synth._settings)
    try:
        yield ledger.open_account(f"batch {batch.fingerprint}", batch.budget, fresh_when_finished=True)
    finally:
        ledger.close()
