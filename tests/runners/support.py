"""Work that tells where it was done, and work that goes wrong. At module level: worker processes find it by name."""

import os
from dataclasses import dataclass

from synth_sdk.core.batches import Records
from synth_sdk.core.errors import SchemaError
from synth_sdk.pipeline.blocks import Block


@dataclass(frozen=True)
class Tell:
    """Each row, and the process that made it. Goes wrong at the rows named."""

    refuses: int = -1
    dies: int = -1

    def __call__(self, generator, rows):
        if self.refuses in rows:
            raise SchemaError("unsatisfiable: no value", pointer="/a", keyword="enum")
        if self.dies in rows:
            os._exit(9)
        return Block(content=Records([(row, os.getpid(), generator.kind) for row in rows]), count=len(rows))
