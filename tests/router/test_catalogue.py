"""The arms that ship, the local one, a user's file, and what names mean."""

import importlib.util
import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from synth_sdk.core.errors import RequestError
from synth_sdk.core.models import ModelCard
from synth_sdk.router import load_catalogue, resolve
from synth_sdk.router.catalogue import retired
from synth_sdk.router.catalogue.families import family_of

LOCAL = {"SYNTH_LOCAL_API_BASE": "http://127.0.0.1:1/v1", "SYNTH_LOCAL_MODEL": "tiny"}


def by_id(cards: list[ModelCard]) -> dict[str, ModelCard]:
    return {card.id: card for card in cards}


def user_file(folder: Path, *arms: object, name: str = "mine.yaml") -> Path:
    file = folder / name
    file.write_text(json.dumps({"arms": list(arms)}))
    return file


def test_17_arms_ship_over_three_providers_each_with_prices_and_their_source() -> None:
    cards = load_catalogue(None, {})
    assert len(cards) == 17
    assert {card.provider for card in cards} == {"gemini", "openrouter", "bedrock"}
    for card in cards:
        assert card.prices.known
        assert not card.prices.free
        assert card.source
        assert card.quality_source
        assert card.as_of
        assert card.family in card.model
        assert 0 < card.max_output_tokens <= card.context_tokens


def test_prices_of_gemini_and_bedrock_are_those_of_litellms_bundled_table() -> None:
    found = importlib.util.find_spec("litellm")  # found, not imported: that would take seconds
    assert found is not None
    table = json.loads((Path(str(found.origin)).parent / "model_prices_and_context_window_backup.json").read_text("utf-8"))
    checked = 0
    for card in load_catalogue(None, {}):
        if card.provider == "openrouter":
            continue
        row = table.get(f"{card.provider}/{card.model}") or table[card.model]
        assert card.prices.input_per_m == Decimal(str(row["input_cost_per_token"])) * 1_000_000
        assert card.prices.output_per_m == Decimal(str(row["output_cost_per_token"])) * 1_000_000
        assert card.context_tokens == row["max_input_tokens"]
        assert card.max_output_tokens == row["max_output_tokens"]
        assert [above for above, _ in card.prices.tiers] == ([200_000] if "input_cost_per_token_above_200k_tokens" in row else [])
        assert str(card.retires_on or "") == row.get("deprecation_date", "")
        checked += 1
    assert checked == 12


def test_a_local_arm_appears_with_both_variables_and_is_free() -> None:
    assert len(load_catalogue(None, {"SYNTH_LOCAL_MODEL": "tiny"})) == 17
    local = resolve("local", load_catalogue(None, LOCAL))
    assert (local.id, local.provider, local.model, local.prices.free) == ("local/tiny", "local", "tiny", True)


def test_a_users_file_overrides_named_fields_and_adds_arms(tmp_path: Path) -> None:
    file = user_file(
        tmp_path,
        {"id": "gemini/gemini-2.5-flash-lite", "prices": {"input_per_m": 0.2}, "quality": 0.9},
        {"id": "local/tiny", "prices": {"input_per_m": 1, "output_per_m": "2.5"}},
        {
            "id": "openrouter/new/one",
            "provider": "openrouter",
            "model": "new/one",
            "context_tokens": 9000,
            "max_output_tokens": 900,
        },
    )
    cards = by_id(load_catalogue(file, LOCAL))
    lite = cards["gemini/gemini-2.5-flash-lite"]
    assert (lite.prices.input_per_m, lite.prices.output_per_m, lite.quality) == (Decimal("0.2"), Decimal("0.4"), 0.9)
    assert lite.aliases == ("gemini-2.5-flash-lite",)
    assert not cards["local/tiny"].prices.free
    assert cards["local/tiny"].prices.output_per_m == Decimal("2.5")
    assert not cards["openrouter/new/one"].prices.known


def test_yaml_with_a_date_is_read(tmp_path: Path) -> None:
    file = tmp_path / "mine.yml"
    file.write_text("as_of: 2026-10-01\narms:\n  - id: local/tiny\n    prices: {free: true}\n    aliases: [laptop]\n")
    assert resolve("laptop", load_catalogue(file, LOCAL)).as_of == "2026-10-01"


def test_a_price_of_0_is_unknown_unless_the_arm_is_declared_free(tmp_path: Path) -> None:
    zero = {"input_per_m": 0, "output_per_m": 0}
    file = user_file(
        tmp_path,
        {"id": "gemini/gemini-2.5-flash", "prices": zero},
        {"id": "gemini/gemini-3.8-flash", "prices": {**zero, "free": True}},
    )
    cards = by_id(load_catalogue(file, {}))
    assert not cards["gemini/gemini-2.5-flash"].prices.known
    assert cards["gemini/gemini-3.8-flash"].prices.free


NEW = {"id": "x/y", "provider": "x", "model": "y", "context_tokens": 10, "max_output_tokens": 5}


@pytest.mark.parametrize(
    ("arm", "rule"),
    [
        ({"id": "x/y"}, "needs provider, model, context_tokens, max_output_tokens"),
        ({"provider": "x"}, 'needs an "id"'),
        ({**NEW, "pricse": {}}, "'pricse': did you mean prices"),
        ({**NEW, "prices": {"input": 1}}, "unknown field 'input'"),
        ({**NEW, "prices": {"input_per_m": -1}}, "must lie between 0"),
        ({**NEW, "prices": {"input_per_m": "cheap"}}, "'cheap' must be US dollars"),
        ({**NEW, "prices": {"input_per_m": "NaN"}}, "must lie between 0"),
        ({**NEW, "prices": {"free": "yes"}}, "must be true or false"),
        ({**NEW, "context_tokens": 0}, "whole number of tokens"),
        ({**NEW, "context_tokens": True}, "whole number of tokens"),
        ({**NEW, "quality": 2}, "between 0 and 1"),
        ({**NEW, "structured": "xml"}, "must be one of json_schema"),
        ({**NEW, "aliases": "one"}, "list of names"),
        ({**NEW, "aliases": ["faker"]}, "meaning of its own"),
        ({**NEW, "aliases": ["gemini-pro"]}, "alias 'gemini-pro' names both"),
        ({**NEW, "model": " "}, "must not be empty"),
        ({**NEW, "abilities": ["magic"]}, "must be a list of reasoning"),
        ({**NEW, "retires_on": "next spring"}, "must be a date"),
        ({**NEW, "prices": {"tiers": 3}}, "must be a list of mappings"),
        ({**NEW, "prices": {"tiers": [{"input_per_m": 1}]}}, "above_tokens: None must be a whole number"),
        ({**NEW, "prices": {"tiers": [{"above_tokens": 9}, {"above_tokens": 9}]}}, "begin at the same"),
        ({**NEW, "prices": {"tiers": [{"above_tokens": 9, "per_call": 1}]}}, "unknown field 'per_call'"),
    ],
)
def test_a_flaw_names_the_file_and_the_rule(tmp_path: Path, arm: object, rule: str) -> None:
    with pytest.raises(RequestError, match=r"mine\.yaml") as caught:
        load_catalogue(user_file(tmp_path, arm), {})
    assert rule in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("arms: []\n---\narms: []", "2 documents"),
        ("[1]", "mapping"),
        ("arms: 3", "list"),
        ("arms: [", "neither YAML nor JSON"),
        ("arms: [{id: a}, {id: a}]", "once"),
    ],
)
def test_a_file_of_another_shape_is_refused(tmp_path: Path, text: str, rule: str) -> None:
    (tmp_path / "mine.yaml").write_text(text)
    with pytest.raises(RequestError, match=rule):
        load_catalogue(tmp_path / "mine.yaml", {})


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="can't be read"):
        load_catalogue(tmp_path / "none.yaml", {})


def test_a_users_tiers_replace_those_that_ship_and_price_what_they_leave_out_as_short_calls(tmp_path: Path) -> None:
    pro = {"id": "gemini/gemini-3.1-pro-preview"}
    dearer = {"above_tokens": 100_000, "input_per_m": 9}
    arm = by_id(load_catalogue(user_file(tmp_path, {**pro, "prices": {"tiers": [dearer]}}), {}))[pro["id"]]
    ((above, tier),) = arm.prices.tiers
    assert (above, tier.input_per_m, tier.output_per_m, tier.cache_read_per_m) == (100_000, 9, 12, None)  # type: ignore[comparison-overlap]
    flat = by_id(load_catalogue(user_file(tmp_path, {**pro, "prices": {"tiers": []}}), {}))[pro["id"]]
    assert flat.prices.tiers == ()
    assert flat.prices.cache_read_per_m == Decimal("0.2")


def test_an_arm_retires_after_its_last_day(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("arms:\n  - id: gemini/gemini-2.5-flash\n    retires_on: 2026-12-31\n")
    cards = by_id(load_catalogue(file, {}))
    arm = cards["gemini/gemini-2.5-flash"]
    assert not retired(arm, date(2026, 12, 31))
    assert retired(arm, date(2027, 1, 1))
    assert not retired(cards["gemini/gemini-3.8-flash"], date(2999, 1, 1))


@pytest.mark.parametrize(
    ("model", "family"),
    [
        ("us.anthropic.claude-opus-5-5", "claude"),
        ("openai/gpt-oss-120b", "gpt"),
        ("o3-mini", "gpt"),
        ("deepseek-r1-distill-llama-70b", "deepseek"),
        ("mistralai/mixtral-8x7b", "mistral"),
        ("moonshotai/k3", "k"),
        ("nousresearch/hermes-llama-3.1", "llama"),
        ("SmolLM2-135M", "smollm"),
        ("42", ""),
    ],
)
def test_a_family_is_read_off_the_models_name(model: str, family: str) -> None:
    assert family_of(model) == family
