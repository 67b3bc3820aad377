"""`batch.json`: what became of each job, written whole after each of them, so that the same command goes on where it was."""

import json
import os
from collections.abc import Mapping
from pathlib import Path

from synth_sdk.client.batch.places import STATE
from synth_sdk.client.batch.result import BatchResult, JobReport
from synth_sdk.core.errors import RequestError, WriteError


def read_state(folder: Path) -> dict[str, JobReport]:
    """The reports of an earlier run into `folder`, by job; none if there was none. RequestError for a file that isn't ours."""
    path = folder / STATE
    try:
        told = json.loads(path.read_text("utf-8"))["jobs"]
        return {name: JobReport.of_dict(name, one) for name, one in told.items()}
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise RequestError(f"{path}: {error.strerror or error}; choose another output folder") from None
    except (ValueError, KeyError, TypeError, AttributeError, RequestError):
        raise RequestError(f"{path} is not the state of a batch: move it away, or choose another output folder") from None


def write_state(folder: Path, result: BatchResult) -> None:
    """Keep it, whole or not at all. WriteError when the disk fails."""
    path, new = folder / STATE, folder / f".{STATE}.{os.getpid()}.part"
    try:
        new.write_text(json.dumps(result.to_dict(), indent=2, ensure_ascii=False) + "\n", "utf-8")
        new.replace(path)
    except OSError as error:
        new.unlink(missing_ok=True)
        raise WriteError(f"{path}: {error.strerror or error}; what the jobs made is kept") from error


def merged(before: Mapping[str, JobReport], now: Mapping[str, JobReport]) -> dict[str, JobReport]:
    """Reports of now, and where a job has not come to its turn what was known of it."""
    return {name: before[name].unmade() if job.status == "waiting" and name in before else job for name, job in now.items()}
