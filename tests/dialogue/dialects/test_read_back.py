"""The libraries on the other side read what is written. They let broken records pass, so this is not the only check."""

import json
from importlib.metadata import version

import pytest

from synth_sdk.dialogue import load_pack, play
from synth_sdk.dialogue.dialects import EXPORTS, convert, restore
from tests.dialogue.dialects.support import PARALLEL, without_ids

KINDS_OF_BLOCK = ("text", "toolUse", "toolResult")


@pytest.fixture(scope="module")
def records():
    from datetime import UTC, datetime

    pack = load_pack("customer_support")
    return [PARALLEL, *(play(pack, 1, index, datetime(2025, 1, 1, tzinfo=UTC)) for index in range(20))]


def write(tmp_path, records, name):
    path = tmp_path / f"{name}.jsonl"
    path.write_text("".join(json.dumps(convert(one, name)) + "\n" for one in records))
    return path


def test_openai_types(records):
    from openai.types.chat import ChatCompletionMessageParam, ChatCompletionToolParam
    from pydantic import TypeAdapter

    messages, tools = TypeAdapter(list[ChatCompletionMessageParam]), TypeAdapter(list[ChatCompletionToolParam])
    for one in records:
        written = convert(one, "openai")
        assert len(messages.validate_python(written["messages"])) == len(one["messages"])
        assert tools.validate_python(written["tools"]) == one["tools"]


def test_bedrock_service_model(records):
    """botocore checks a request of the Converse API before it is sent: required and unknown keys, types, lengths."""
    from botocore.loaders import Loader
    from botocore.model import ServiceModel
    from botocore.validate import ParamValidator

    shape = ServiceModel(Loader().load_service_model("bedrock-runtime", "service-2")).operation_model("Converse").input_shape
    for one in records:
        written = convert(one, "bedrock")
        request = {"modelId": "m", **{key: written[key] for key in ("system", "messages", "toolConfig")}}
        assert not ParamValidator().validate(request, shape).has_errors()
        blocks = [block for message in written["messages"] for block in message["content"]]
        assert {key for block in blocks for key in block} == set(KINDS_OF_BLOCK)


@pytest.mark.skipif(
    tuple(map(int, version("datasets").split(".")[:2])) < (4, 7),
    reason="older ones make columns of messages, which loses what differs",
)
@pytest.mark.parametrize("name", EXPORTS)
def test_hugging_face_datasets(records, name, tmp_path):
    """Records survive a table of columns, but for the nulls that it puts where other records have a key."""
    import datasets

    path = write(tmp_path, records, name)
    loaded = datasets.load_dataset("json", data_files=str(path), split="train", cache_dir=str(tmp_path / "cache"))
    assert len(loaded) == len(records)
    for row, one in zip(loaded, records, strict=True):
        back = restore(_bare(row), name)
        assert without_ids(back["messages"]) == without_ids(one["messages"])


def _bare(value):
    """Without the keys that columns add."""
    if isinstance(value, dict):
        return {key: _bare(inner) for key, inner in value.items() if inner is not None or key == "content"}
    return [_bare(inner) for inner in value] if isinstance(value, list) else value
