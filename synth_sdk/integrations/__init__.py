"""Other tools call synth: workflows, pipelines, and the adapters of agentic-synth. Each needs its library only when used."""

from typing import TYPE_CHECKING

from synth_sdk.integrations.midstreamer import MidstreamerAdapter, PipelineConfig, StreamPipeline, keep_if
from synth_sdk.integrations.ruvector import RuvectorAdapter
from synth_sdk.integrations.workflows import AgenticRoboticsAdapter, register_workflow, trigger_workflow

if TYPE_CHECKING:
    from synth_sdk.client import Synth

__all__ = [
    "AgenticRoboticsAdapter",
    "MidstreamerAdapter",
    "PipelineConfig",
    "RuvectorAdapter",
    "StreamPipeline",
    "enable_lancedb",
    "enable_midstreamer",
    "enable_ruvector",
    "keep_if",
    "register_workflow",
    "trigger_workflow",
]


def enable_midstreamer(synth: "Synth", *, pipeline: str | None = None, url: str | None = None) -> None:
    """Have `synth.generate(..., stream=True)` publish its records to `url`, a target of `--stream-to`, under the name of `pipeline`."""
    synth.enable("midstreamer", default_pipeline=pipeline, url=url)


def enable_ruvector(synth: "Synth", *, db_path: str | None = None, embedding: str | None = None) -> None:
    """Have `synth.generate(..., vectorize=True)` keep its records in a ruvector store at `db_path`."""
    synth.enable("ruvector", db_path=db_path, embedding=embedding)


def enable_lancedb(synth: "Synth", *, db_path: str | None = None, embedding: str | None = None) -> None:
    """Have `synth.generate(..., vectorize=True)` keep its records in a LanceDB store at `db_path`."""
    synth.enable("lancedb", db_path=db_path, embedding=embedding)
