"""data-designer at the work, run by the interpreter of an environment that has it.

Settings from its documentation (docs.nvidia.com/nemo/datadesigner: models, run config, architecture and performance): the
concurrency is `max_parallel_requests`, the health check is skipped (a request less), no early shutdown (10% faults are no reason
to stop), adaptive concurrency and 5 conversation restarts as they are by default, `resume` "if possible", so that a repeated run
goes on from what is stored. The record's number comes from a sampler column, which is dropped.

Usage: python -m benchmarks.peers.data_designer_client URL COUNT CONCURRENCY FOLDER OUTPUT
"""

import json
import sys
from pathlib import Path

import data_designer.config as dd
from data_designer.config.run_config import ResumeMode
from data_designer.interface import DataDesigner

from benchmarks.peers.work import MODEL, PROMPT, Visitor


def main(url: str, count: str, concurrency: str, folder: str, output: str) -> None:
    provider = dd.ModelProvider(name="loopback", endpoint=url, provider_type="openai", api_key="OPENAI_API_KEY")
    designer = DataDesigner(artifact_path=folder, model_providers=[provider])
    designer.set_run_config(dd.RunConfig(disable_early_shutdown=True, otel_metrics_port=None))
    parameters = dd.ChatCompletionInferenceParams(max_parallel_requests=int(concurrency))
    model = dd.ModelConfig(
        alias="writer", model=MODEL, provider="loopback", inference_parameters=parameters, skip_health_check=True
    )
    builder = dd.DataDesignerConfigBuilder(model_configs=[model])
    builder.add_column(
        dd.SamplerColumnConfig(name="number", sampler_type=dd.SamplerType.UUID, params=dd.UUIDSamplerParams(), drop=True)
    )
    builder.add_column(
        dd.LLMStructuredColumnConfig(
            name="visitor", prompt=PROMPT.format(number="{{ number }}"), output_format=Visitor, model_alias="writer"
        )
    )
    made = designer.create(builder, num_records=int(count), dataset_name="visitors", resume=ResumeMode.IF_POSSIBLE)
    with Path(output).open("w") as file:
        for visitor in made.load_dataset()["visitor"]:
            file.write(json.dumps(visitor if isinstance(visitor, dict) else json.loads(visitor)) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
