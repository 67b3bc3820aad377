"""Calls of tools: valid, grounded in the request, labelled."""

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from synth_sdk.core.errors import RequestError
from synth_sdk.core.spec import make_spec
from synth_sdk.generators.tool_call.ask import leaves, value_at
from synth_sdk.generators.tool_call.generator import ToolCallGenerator
from synth_sdk.generators.tool_call.templates import names
from synth_sdk.schema import parse_schema

TOOLS = [
    {
        "name": "search_orders",
        "description": "Search orders by status and customer.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "status": {"enum": ["open", "shipped"]},
                "customer": {"type": "string"},
                "limit": {"type": "integer"},
                "since": {"type": "string", "format": "date"},
            },
            "required": ["status"],
        },
    },
    {
        "name": "cancel_order",
        "description": "Cancel an order.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "order_id": {"type": "string"},
                "reason": {"type": "string", "maxLength": 60},
                "notify": {"type": "boolean"},
            },
            "required": ["order_id", "reason"],
            "additionalProperties": False,
        },
    },
    {
        "name": "bookRoom",
        "description": "",
        "inputSchema": {
            "type": "object",
            "properties": {
                "hotel": {
                    "type": "object",
                    "properties": {"name": {"type": "string"}, "city": {"type": "string"}},
                    "required": ["name"],
                },
                "guests": {"type": "integer", "minimum": 1, "maximum": 4},
                "check_in": {"type": "string", "description": "e.g. '2025-06-01'"},
                "check_out": {"type": "string", "description": "e.g. '2025-06-04'"},
                "extras": {"type": "array", "items": {"type": "string"}, "minItems": 1},
            },
            "required": ["hotel", "guests", "check_in", "check_out", "extras"],
        },
    },
    {"name": "ping", "description": "Check whether the service answers.", "inputSchema": {"type": "object", "properties": {}}},
]
WITH_RESULT = {
    "name": "get_balance",
    "description": "Get the balance of an account.",
    "inputSchema": {"type": "object", "properties": {"account": {"type": "string"}}, "required": ["account"]},
    "outputSchema": {
        "type": "object",
        "properties": {"balance": {"type": "number", "minimum": 0, "maximum": 9999}},
        "required": ["balance"],
    },
}


@pytest.fixture
def tools_file(tmp_path: Path) -> str:
    path = tmp_path / "tools.json"
    path.write_text(json.dumps({"jsonrpc": "2.0", "id": 1, "result": {"tools": [*TOOLS, WITH_RESULT]}}), "utf-8")
    return str(path)


def made(count: int = 300, seed: int = 0, **constraints: str) -> list[Any]:
    return list(ToolCallGenerator(make_spec(kind="tool_call", seed=seed, constraints=constraints)).batch(range(count)).records())


def squash(text: str) -> str:
    return re.sub(r"[^a-z0-9@.]+", "", text.lower())


def check_conversation(meta: dict[str, Any]) -> None:
    """Roles alternate, every call is declared, valid and answered, and the assistant has the last word."""
    declared = {tool["function"]["name"]: tool["function"]["parameters"] for tool in meta["tools"]}
    open_calls: list[str] = []
    assert meta["messages"][0] == {"role": "user", "content": meta["request"]}
    for message in meta["messages"]:
        if message["role"] == "tool":
            open_calls.remove(message["tool_call_id"])
            json.loads(message["content"])
            continue
        assert not open_calls
        for call in message.get("tool_calls", ()):
            jsonschema.validate(json.loads(call["function"]["arguments"]), declared[call["function"]["name"]])
            open_calls.append(call["id"])
    last = meta["messages"][-1]
    assert last["role"] == "assistant"
    assert last["content"].strip()


def calls_of(meta: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [
        (call["id"], json.loads(call["function"]["arguments"]))
        for message in meta["messages"]
        for call in message.get("tool_calls", ())
    ]


@pytest.mark.parametrize("template", names())
def test_templates_make_the_seeds_shape(template: str) -> None:
    for record in made(200, tool=template):
        assert set(record) == {"id", "type", "function", "meta"}
        assert record["type"] == "function"
        declared = {tool["function"]["name"]: tool["function"]["parameters"] for tool in record["meta"]["tools"]}
        jsonschema.validate(json.loads(record["function"]["arguments"]), declared[record["function"]["name"]])
        assert record["meta"]["label"] == "correct"


def test_templates_keep_the_seeds_names() -> None:
    functions = {template: made(1, tool=template)[0]["function"]["name"] for template in names()}
    assert functions == {
        "search": "web_search",
        "email": "send_email",
        "database": "execute_query",
        "file_operations": "file_operation",
    }


@pytest.mark.parametrize("template", [*names(), None])
def test_every_scenario_holds_what_it_promises(template: str | None, tools_file: str) -> None:
    constraints = {"tools": tools_file} if template is None else {"tool": template}
    records = made(400, scenario="mixed", **constraints)
    assert len({record["id"] for record in records}) == 400
    assert set(Counter(record["meta"]["scenario"] for record in records)) == {
        "single", "parallel", "multi_step", "no_call", "wrong_argument",
    }  # fmt: skip
    for record in records:
        meta = record["meta"]
        check_conversation(meta)
        assert [call["id"] for call in meta["calls"]] == [name for name, _ in calls_of(meta)]
        _PROMISES[meta["scenario"]](record, meta)


def _single(record: Any, meta: Any) -> None:
    ((name, arguments),) = calls_of(meta)
    assert (name, meta["label"]) == (record["id"], "correct")
    assert json.loads(record["function"]["arguments"]) == arguments


def _parallel(record: Any, meta: Any) -> None:
    turns = [message["tool_calls"] for message in meta["messages"] if "tool_calls" in message]
    assert len(turns) == 1
    assert len(turns[0]) >= 2
    assert len({json.dumps(call["function"], sort_keys=True) for call in turns[0]}) == len(turns[0])


def _multi_step(record: Any, meta: Any) -> None:
    turns = [message["tool_calls"] for message in meta["messages"] if "tool_calls" in message]
    assert [len(turn) for turn in turns] == [1, 1]
    result = json.loads(next(message["content"] for message in meta["messages"] if message["role"] == "tool"))
    uses = meta["calls"][1]["uses"]
    assert uses
    for use in uses:
        argument = value_at(json.loads(turns[1][0]["function"]["arguments"]), use["argument"])
        assert str(value_at(result, use["result"])) in str(argument)


def _no_call(record: Any, meta: Any) -> None:
    assert (record["function"], meta["label"], meta["calls"]) == (None, "no_call", [])
    assert meta["why"] in {"small_talk", "about_the_assistant", "answerable", "missing_information", "unavailable", "not_yet"}
    assert len(meta["messages"]) == 2


def _wrong(record: Any, meta: Any) -> None:
    mistake = meta["mistake"]
    wrong, right = (json.loads(function["arguments"]) for function in (record["function"], mistake["expected"]))
    assert wrong != right
    assert calls_of(meta) == [(record["id"], right)]
    declared = {tool["function"]["name"]: tool["function"]["parameters"] for tool in meta["tools"]}
    assert parse_schema(declared[record["function"]["name"]]).accepts(wrong) == mistake["schema_valid"]
    assert (mistake["kind"] == "wrong_value") == mistake["schema_valid"]


_PROMISES = {
    "single": _single,
    "parallel": _parallel,
    "multi_step": _multi_step,
    "no_call": _no_call,
    "wrong_argument": _wrong,
}


def test_every_value_is_grounded_in_the_request_or_an_earlier_result(tools_file: str) -> None:
    for record in made(400, tools=tools_file):
        known = squash(record["meta"]["request"])
        for message in record["meta"]["messages"]:
            for call in message.get("tool_calls", ()):
                for _, value in leaves(json.loads(call["function"]["arguments"])):
                    assert isinstance(value, bool) or squash(str(value)) in known, (value, record["meta"]["request"])
            if message["role"] == "tool":
                known += squash(message["content"])


def test_stays_end_after_they_begin(tools_file: str) -> None:
    stays = [
        arguments
        for record in made(300, tools=tools_file)
        for _, arguments in calls_of(record["meta"])
        if "check_in" in arguments
    ]
    assert len(stays) > 30
    assert all(stay["check_in"] <= stay["check_out"] for stay in stays)


def test_declared_results_are_kept(tools_file: str) -> None:
    seen = 0
    for record in made(200, tools=tools_file, scenario="single"):
        if record["function"]["name"] == "get_balance":
            result = json.loads(next(message["content"] for message in record["meta"]["messages"] if message["role"] == "tool"))
            jsonschema.validate(result, WITH_RESULT["outputSchema"])
            seen += 1
    assert seen


def test_requests_are_varied() -> None:
    for template in names():
        requests = [record["meta"]["request"] for record in made(200, tool=template)]
        assert len(set(requests)) >= 190, template


def test_a_record_depends_on_seed_and_number_alone(tools_file: str) -> None:
    whole = made(40, seed=3, tools=tools_file)
    generator = ToolCallGenerator(make_spec(kind="tool_call", seed=3, constraints={"tools": tools_file}))
    assert [generator.batch(range(row, row + 1)).records()[0] for row in reversed(range(40))] == whole[::-1]
    assert made(40, seed=4, tools=tools_file) != whole


def test_records_satisfy_their_schema(tools_file: str) -> None:
    schema = parse_schema(ToolCallGenerator.record_schema)
    assert all(schema.accepts(record) for record in made(200, tools=tools_file))


SHAPES = {
    "openai": lambda tool: {"type": "function", "function": {"name": tool["name"], "description": tool["description"], "parameters": tool["inputSchema"]}},
    "anthropic": lambda tool: {"name": tool["name"], "description": tool["description"], "input_schema": tool["inputSchema"]},
    "bedrock": lambda tool: {"toolSpec": {"name": tool["name"], "description": tool["description"], "inputSchema": {"json": tool["inputSchema"]}}},
    "plain": lambda tool: {"name": tool["name"], "description": tool["description"], "parameters": tool["inputSchema"]},
}  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES)
def test_tools_are_read_in_every_vendors_shape(shape: str, tools_file: str, tmp_path: Path) -> None:
    path = tmp_path / f"{shape}.json"
    path.write_text(json.dumps([SHAPES[shape](tool) for tool in [*TOOLS, WITH_RESULT]]), "utf-8")
    wanted = {record["function"]["name"] for record in made(200, tools=tools_file, scenario="single")}
    assert {record["function"]["name"] for record in made(200, tools=str(path), scenario="single")} == wanted


def test_gemini_declarations_and_yaml(tmp_path: Path) -> None:
    gemini = tmp_path / "gemini.json"
    gemini.write_text(json.dumps({"tools": [{"functionDeclarations": [SHAPES["plain"](TOOLS[0])]}]}), "utf-8")
    assert made(5, tools=str(gemini))[0]["meta"]["tools"][0]["function"]["name"] == "search_orders"
    plain = tmp_path / "tools.yaml"
    plain.write_text(
        "- name: get_tide\n  description: Get the tide at a beach.\n  parameters:\n    properties: {beach: {type: string}}\n    required: [beach]\n"
    )
    assert made(5, tools=str(plain), scenario="single")[0]["function"]["name"] == "get_tide"


BAD = {
    "not json": ('[{"name": "a"},\n {"name": ]', ":2: not valid JSON"),
    "not a list": ('"tools"', ":1: must hold a list of tools, not str"),
    "empty": ("[]", ": no tool is declared"),
    "no name": ('[{"name": "a"},\n\n {"description": "x"}]', ":3: tool 2 has no name"),
    "a number": ("[1]", ":1: tool 1 must be a mapping"),
    "not an object": ('[{"name": "a", "parameters": {"type": "array"}}]', ":1: the parameters of 'a' must be a JSON Schema of type object"),
    "bad schema": ('[\n{"name": "a", "parameters": {"properties": {"x": {"type": "strin"}}}}]', ":2: the schema of 'a' can't be used"),
    "twice": ('[{"name": "a"},\n{"name": "a"}]', ":2: the tool 'a' is declared twice"),
    "alias": ("- &a {name: x}\n- *a\n", ":2: aliases (*name) are not allowed"),
    "binary": ("\udcff", ":1: not UTF-8"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_flawed_files_name_file_line_and_rule(case: str, tmp_path: Path) -> None:
    text, told = BAD[case]
    path = tmp_path / "tools.json"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(RequestError) as caught:
        made(1, tools=str(path))
    assert f"{path}{told}" in caught.value.message


@pytest.mark.parametrize(
    ("constraints", "told"),
    [
        ({"tool": "serch"}, "unknown tool 'serch': did you mean search?"),
        ({"tool": "search", "tools": "x.json"}, "give one of them"),
        ({"tools": "nowhere.json"}, "tools file 'nowhere.json' can't be read"),
        ({"scenario": "paralel"}, "unknown scenario 'paralel': did you mean parallel?"),
        ({"tol": "search"}, "unknown tool_call constraint 'tol'"),
    ],
)
def test_bad_constraints(constraints: dict[str, str], told: str) -> None:
    with pytest.raises(RequestError) as caught:
        made(1, **constraints)
    assert told in caught.value.message
