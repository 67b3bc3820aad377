"""What columns are like: how large, how varied. Imported when there are columns, so pyarrow is there."""

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

_VARIED = 4  # rows for each distinct value, at least, where a dictionary pays


def size(array: pa.Array) -> int:
    """Bytes of the values, whatever buffers they are in: it depends on the values only."""
    return sum(_leaf_size(leaf) for _, leaf in leaves("", array))


def few_valued(table: pa.Table) -> list[str]:
    """The Parquet paths of the columns in which values repeat often."""
    found = []
    for name, column in zip(table.column_names, table.columns, strict=True):
        for path, leaf in leaves(name, column.combine_chunks()):
            if pc.count_distinct(leaf, mode="only_valid").as_py() * _VARIED <= len(leaf):
                found.append(path)
    return found


def leaves(path: str, array: pa.Array) -> Iterator[tuple[str, pa.Array]]:
    """The arrays of scalars in a nested array, with the paths that Parquet gives them."""
    if pa.types.is_list(array.type):
        yield from leaves(f"{path}.list.element", array.flatten())
    elif pa.types.is_struct(array.type):
        for field, inner in zip(array.type, array.flatten(), strict=True):
            yield from leaves(f"{path}.{field.name}", inner)
    else:
        yield path, array


def _leaf_size(array: pa.Array) -> int:
    if pa.types.is_string(array.type):
        return 4 * len(array) + (pc.sum(pc.binary_length(array)).as_py() or 0)
    return 8 * len(array)
