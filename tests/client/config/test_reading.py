"""Documents against the one tree of keys: what is wrong is told in one line with the path of the key and the way out."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from synth_sdk.client.config.keys import OPTIONS, SCHEMA, Key, paths
from synth_sdk.client.config.reading import ARGUMENTS, in_file, read, snake
from synth_sdk.core.errors import RequestError, SynthError

FILE = in_file(Path("synth.yaml"), {"TEAM": "blue", "MANY": "12", "EMPTY": ""})


def values(text: str) -> dict[Any, Any]:
    return {path: told.value for path, told in read(yaml.safe_load(text), FILE).items()}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("cache: {maxsise: 5}", "unknown key 'cache.maxsise': did you mean cache.max_size?"),
        ("cache: {zzz: 5}", "unknown key 'cache.zzz': choose one of: enabled, policy, max_size, ttl, persist_path"),
        ("maxSize: 5", "unknown key 'maxSize': did you mean cache.max_size?"),
        ("models: {routing: {strategi: x}}", "unknown key 'models.routing.strategi': did you mean models.routing.strategy?"),
        ("models: {defaults: {timeserie: x}}", "unknown key 'models.defaults.timeserie': did you mean models.defaults.timeseries?"),
        ("models: {defaults: {text: [a]}}", "models.defaults.text ['a']: must be a text"),
        ("integrations: {ruvektor: {}}", "unknown key 'integrations.ruvektor': did you mean integrations.ruvector?"),
        ("integrations: {ruvector: {dbPth: x}}", "unknown key 'integrations.ruvector.dbPth': did you mean integrations.ruvector.db_path?"),
        ("integrations: {ruvector: yes}", "integrations.ruvector: must be a mapping of keys, not bool"),
        ("generators: {event: {}}", "unknown key 'generators.event': did you mean generators.events or generators.log_event?"),
        ("generators: {json: {a: 1}}", "generators.json.a: kind 'json' takes no options; leave it out"),
        ("api_keys: abcdef-0123456", "api_keys: must be a mapping of keys, not str"),
        ("generators: {events: {defaultRate: fast}}", "generators.events.defaultRate 'fast': write records per time"),
        ("cache: {enabled: maybe}", "cache.enabled 'maybe': must be true or false"),
        ("cache: {maxSize: lots}", "cache.maxSize 'lots': must be a whole number from 1 to 100,000,000"),
        ("cache: {maxSize: 1.5}", "cache.maxSize 1.5: must be a whole number"),
        ("cache: {ttl: -1}", "cache.ttl -1: must be milliseconds, above 0, or a duration such as 1h"),
        ("cache: {ttl: .nan}", "cache.ttl nan: must be milliseconds"),
        ("cache: {ttl: soon}", "cache.ttl 'soon': write a duration such as"),
        ("cache: sometimes", "cache 'sometimes': choose 'on', 'off', 'refresh', 'read-only' or 'aggressive'"),
        ("models: {routing: {strategy: cost-optimised}}", "models.routing.strategy 'cost-optimised': did you mean cost-optimized?"),
        ("models: {routing: {strategy: 7}}", "models.routing.strategy 7: choose cost-optimized"),
        ("policy: cheepest", "policy 'cheepest': choose 'cheapest'"),
        ("budget: lots", "budget 'lots' is not an amount"),
        ("concurrency: 0", "concurrency 0: must be at least 1"),
        ("concurrency: many", "concurrency 'many': must be a whole number"),
        ("timeout: 0", "timeout 0: must be above 0"),
        ("seed: never", "seed 'never': must be a whole number, or 'random'"),
        ("start: tomorrow", "start 'tomorrow': must be an ISO 8601 time"),
        ("rate: 5/fortnight", "rate '5/fortnight': write records per time"),
        ("fallback: []", "fallback []: must be a name or a list of names"),
        ("fallback: {a: 1}", "fallback {'a': 1}: must be a name or a list of names"),
        ("judge: perhaps", "judge 'perhaps': must be true or false"),
        ("account: [1]", "account [1]: must be a text"),
        ("account: ${NOT_SET}", "account: ${NOT_SET} is not set in the environment: set NOT_SET, or write ${NOT_SET:-a default}"),
        ("generators: {events: {a: [{b: '${NOT_SET}'}]}}", "generators.events.a: ${NOT_SET} is not set"),
        ("policy: best\nmodels: {routing: {strategy: balanced}}", "models.routing.strategy says the same as policy: keep one of them"),
        ("cache: {maxSize: 1, max_size: 2}", "cache.max_size says the same as cache.maxSize: keep one of them"),
        ("random_seed: 1\ngenerators: {trajectory: {randomSeed: 2}}", "generators.trajectory.randomSeed says the same as random_seed"),
        ("1: x", "unknown key '1'"),
        ('generators: {events: {"a\\nb": "${NO}"}}', "generators.events.a b: ${NO} is not set"),
        (f"{'x' * 500}: 1", f"unknown key '{'x' * 56}...: choose one of: "),
    ],
)  # fmt: skip
def test_what_is_wrong_is_one_line_with_the_keys_path(text: str, says: str) -> None:
    with pytest.raises(RequestError) as caught:
        values(text)
    assert says in caught.value.message
    assert caught.value.message.startswith("config synth.yaml: ")
    assert "\n" not in caught.value.message


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("fallback: a, b,faker", {("fallback",): ["a", "b", "faker"]}),
        ("fallback: none", {("fallback",): ["none"]}),
        ("start: 2025-06-01", {("start",): "2025-06-01"}),
        ("start: 2025-06-01T12:00:00Z", {("start",): "2025-06-01T12:00:00+00:00"}),
        ("start: now", {("start",): "now"}),
        ("seed: random\nrecords_per_call: auto", {("seed",): "random", ("records_per_call",): "auto"}),
        ("count: ${MANY}", {("count",): 12}),
        ("judge: on", {("judge",): True}),
        ("account: ${EMPTY:-red}-${TEAM}", {("account",): "red-blue"}),
        ("account: 12", {("account",): "12"}),
        ("budget:", {}),
        ("cache:", {}),
        ("cache: {ttl: 90000}", {("cache", "ttl"): 90.0}),
        ("cache: {ttl: 1h30m}", {("cache", "ttl"): 5400.0}),
        ("models: {routing: {strategy: HYBRID}}", {("policy",): "balanced"}),
        ("generators: {trajectory: {randomSeed: 4}}", {("generators", "trajectory", "random_seed"): 4}),
        ("toolTransitions: {webSearch: {b: 1}}", {("generators", "trajectory", "tool_transitions"): {"webSearch": {"b": 1}}}),
        ("generators: {structured: {}}", {}),
        ("api_keys: {gemini: '${NOT_SET}', openrouter: '${EMPTY}'}", {}),
    ],
)
def test_values_as_they_are_meant(text: str, told: dict[Any, Any]) -> None:
    assert values(text) == told


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("cost-optimized", "cheapest"),
        ("performance-optimized", "fastest"),
        ("speed-optimized", "fastest"),
        ("latency-optimized", "fastest"),
        ("quality-optimized", "best"),
        ("balanced", "balanced"),
        ("hybrid", "balanced"),
    ],
)
def test_routing_strategies(theirs: str, ours: str) -> None:
    assert values(f"models: {{routing: {{strategy: {theirs}}}}}") == {("policy",): ours}


def test_arguments_have_no_variables() -> None:
    assert read({"account": "${TEAM}"}, ARGUMENTS)["account",].value == "${TEAM}"


def test_every_key_may_be_spelt_in_camel_case() -> None:
    for path in paths():
        for name in path:
            humps = name.split("_")
            assert snake(humps[0] + "".join(hump.title() for hump in humps[1:])) == name


def test_every_option_of_the_list_is_an_option_of_the_spec() -> None:
    from synth_sdk.core.spec import OPTIONS as OF_THE_SPEC

    assert {key.name for key in OPTIONS} - OF_THE_SPEC == {"catalogue", "history"}
    assert all(isinstance(key, Key) and key.about for key in OPTIONS)
    assert len({node.name for node in SCHEMA.keys}) == len(SCHEMA.keys)


KEYS = st.sampled_from([name for path in paths() for name in path] + ["text", "events", "trajectory", "lancedb"])
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["${TEAM}", "on", "1h", "${X}"])
)


@given(st.dictionaries(KEYS | st.text(max_size=5), st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=8), max_size=4))  # fmt: skip
def test_any_document_is_read_or_refused_in_one_line(document: dict[str, Any]) -> None:
    told = refusal(document)
    assert told is None or (told.exit_code == 2 and "\n" not in told.message)


def refusal(document: dict[str, Any]) -> SynthError | None:
    try:
        read(document, FILE)
    except SynthError as error:
        return error
    return None
