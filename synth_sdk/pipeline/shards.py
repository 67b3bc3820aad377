"""A folder of parts: each part is a file of its own, made whole by whoever makes its records."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from synth_sdk.core.generators import Generator
from synth_sdk.core.measures import Measures
from synth_sdk.pipeline.blocks import Block, Part, delivered, grid, measure
from synth_sdk.sinks import Shape, format_for, open_sink


@dataclass(frozen=True, slots=True)
class WritePart:
    """Write the rows to a file in `folder`, numbered by where they stand among all: part `n` begins with row `n * rows_per_part`."""

    folder: str
    format: str
    suffix: str
    shape: Shape
    rows_per_part: int

    def __call__(self, generator: Generator, rows: range) -> Block:
        path = Path(self.folder) / f"part-{rows.start // self.rows_per_part:05d}{self.suffix}"
        measures = Measures()
        with open_sink(str(path), format_for(None, self.format), self.shape) as sink:
            for piece in grid(rows, generator.rows_per_batch):
                batch = generator.batch(piece)
                sink.take(delivered(generator, batch))
                measures.merge(measure(generator, batch))
            sink.commit()
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        part = Part(
            file=path.name,
            start=rows.start,
            stop=rows.stop,
            bytes=path.stat().st_size,
            sha256=sha256,
            row_digest=measures.row_digest,
        )
        return Block(content=part, count=len(rows), measures=measures)
