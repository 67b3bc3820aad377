"""Records in LanceDB: a table of id, record (as JSON) and vector.

What a run adds waits in an unnamed Arrow file; one merge by id makes it a new version of the table, whole or not at all. Search reads
every vector: exact, and its time grows with them.
"""

import json
import tempfile
from collections.abc import Sequence
from datetime import timedelta
from typing import IO, TYPE_CHECKING, Any

from synth_sdk.core.errors import OutputError, WriteError
from synth_sdk.core.models import Json
from synth_sdk.core.vectors import Neighbour, Space
from synth_sdk.vectors.places import Folder, check_space, json_of, library, no_store

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

_TABLE = "records"
_EMBEDDING = b"synth.embedding"  # in the metadata of the table's schema
_KEPT = timedelta(days=1)  # old versions: whoever reads one is done with it by then
_FOREIGN = (RuntimeError, OSError, ValueError)  # what the library raises


class LanceStore:
    """See `core.vectors.VectorStore`. Whole or not at all, also when the process is killed."""

    def __init__(self, path: str, space: Space | None = None) -> None:
        self._path, self._lancedb = path, library("lancedb")
        self._folder = Folder(path)
        self._staged: tuple[IO[bytes], pa.RecordBatchStreamWriter] | None = None
        self._folder.must_exist() if space is None else self._folder.make()
        try:
            self._open(space)
        except BaseException:
            self.close()
            raise

    def _open(self, space: Space | None) -> None:
        try:
            self._database = self._lancedb.connect(self._path)
            self._table = self._database.open_table(_TABLE) if (self._folder.path / f"{_TABLE}.lance").is_dir() else None
        except _FOREIGN as error:
            raise OutputError(f"vector store {self._path!r} can't be opened: {error}; name another path") from error
        if self._table is not None:
            self.space = _space_of(self._path, self._table.schema)
            check_space(self._path, self.space, space)
        elif space is None:
            raise no_store(self._path)
        else:
            self.space = space

    def __len__(self) -> int:
        return 0 if self._table is None else int(self._table.count_rows())

    def add(self, ids: Sequence[str], vectors: "NDArray[np.float32]", records: Sequence[Json]) -> None:
        import pyarrow as pa

        rows = pa.FixedSizeListArray.from_arrays(pa.array(vectors.ravel(), pa.float32()), self.space.dimensions)
        texts = pa.array(map(json_of, records), pa.string())
        try:
            self._stage().write_batch(pa.record_batch([pa.array(ids, pa.string()), texts, rows], schema=self._schema()))
        except OSError as error:
            raise self._failed(error) from error

    def commit(self) -> None:
        import pyarrow as pa

        if self._staged is None:
            return
        file, writer = self._staged
        try:
            writer.close()
            file.seek(0)
            if self._table is None:
                self._table = self._database.create_table(_TABLE, schema=self._schema())
            merge = self._table.merge_insert("id").when_matched_update_all(where="target.record != source.record")
            merge.when_not_matched_insert_all().execute(pa.ipc.open_stream(file))
            self._table.optimize(cleanup_older_than=_KEPT)
        except _FOREIGN as error:
            raise self._failed(error) from error
        finally:
            self._discard()

    def search(self, vector: "NDArray[np.float32]", limit: int) -> list[Neighbour]:
        if self._table is None:
            return []
        query = self._table.search(vector, vector_column_name="vector").distance_type("cosine")
        rows = query.select(["id", "record", "_distance"]).limit(limit).to_list()
        return [Neighbour(row["id"], json.loads(row["record"]), 1 - row["_distance"]) for row in rows]

    def close(self) -> None:
        self._discard()
        self._folder.leave_empty()

    def _stage(self) -> Any:
        import pyarrow as pa

        if self._staged is None:
            file = tempfile.TemporaryFile(dir=self._path)  # noqa: SIM115 - has no name: nothing is left of it when the process is killed
            self._staged = file, pa.ipc.new_stream(file, self._schema())
        return self._staged[1]

    def _discard(self) -> None:
        if self._staged is not None:
            self._staged[0].close()
            self._staged = None

    def _schema(self) -> "pa.Schema":
        import pyarrow as pa

        vector = pa.list_(pa.float32(), self.space.dimensions)
        return pa.schema(
            [("id", pa.string()), ("record", pa.string()), ("vector", vector)], {_EMBEDDING: self.space.embedding.encode()}
        )

    def _failed(self, error: Exception) -> WriteError:
        return WriteError(f"vector store {self._path!r}: {error}")


def _space_of(path: str, schema: "pa.Schema") -> Space:
    embedding = (schema.metadata or {}).get(_EMBEDDING)
    if embedding is None:
        raise OutputError(f"vector store {path!r}: its table {_TABLE!r} isn't one of ours; name another path")
    return Space(embedding.decode(), schema.field("vector").type.list_size)
