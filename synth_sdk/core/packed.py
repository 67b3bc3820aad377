"""Files of text that may be packed as .gz or .zst, as a stream of their unpacked bytes."""

import gzip
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


@contextmanager
def open_unpacked(path: Path) -> Iterator[IO[bytes]]:
    """OSError or ValueError if the file can't be opened; reading a damaged one raises OSError, EOFError or ValueError."""
    suffix = path.suffix.lower()
    with path.open("rb") as raw:
        if suffix == ".gz":
            with gzip.open(raw) as unpacked:
                yield io.BufferedReader(unpacked)
        elif suffix == ".zst":
            import pyarrow as pa

            yield io.BufferedReader(pa.CompressedInputStream(pa.PythonFile(raw), "zstd"))
        else:
            yield raw
