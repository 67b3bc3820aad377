"""What names mean: arms of the catalogue, and any other model whose price a table states."""

import re
from decimal import Decimal
from pathlib import Path

import pytest
import yaml

from synth_sdk.core.errors import RequestError, UnknownName
from synth_sdk.router.catalogue import bundled, load_catalogue, named, resolve
from synth_sdk.router.catalogue.entries import read_entry


@pytest.mark.parametrize(
    ("name", "arm"),
    [
        ("gemini-flash-lite", "gemini/gemini-3.1-flash-lite"),
        ("GEMINI-FLASH-LITE", "gemini/gemini-3.1-flash-lite"),
        ("gemini/gemini-3.1-flash-lite", "gemini/gemini-3.1-flash-lite"),
        ("3.1-flash-lite", "gemini/gemini-3.1-flash-lite"),
        ("claude-opus-5-5", "bedrock/us.anthropic.claude-opus-5-5"),
        ("gemini-2.5-flash", "gemini/gemini-2.5-flash"),
    ],
)
def test_a_name_is_an_alias_an_id_or_a_unique_suffix(name: str, arm: str) -> None:
    assert resolve(name, load_catalogue(None, {})).id == arm


def test_an_ambiguous_name_lists_the_candidates_and_an_unknown_one_the_nearest() -> None:
    cards = load_catalogue(None, {})
    with pytest.raises(RequestError, match=r"ambiguous.*gemini-2\.5-flash-lite or gemini/gemini-3\.1-flash-lite"):
        resolve("flash-lite", cards)
    with pytest.raises(UnknownName, match="did you mean gemini-flash"):
        resolve("gemini-flahs", cards)
    with pytest.raises(UnknownName):
        resolve("", cards)


def test_any_model_of_litellms_table_is_an_arm_with_its_price_and_source() -> None:
    arm = resolve("mistral/mistral-large-latest", load_catalogue(None, {}))
    row = bundled.table()["mistral/mistral-large-latest"]
    assert (arm.id, arm.provider, arm.model) == ("mistral/mistral-large-latest", "litellm", "mistral/mistral-large-latest")
    assert arm.prices.output_per_m == Decimal(str(row["output_cost_per_token"])) * 1_000_000
    assert (arm.context_tokens, arm.family) == (row["max_input_tokens"], "mistral")
    assert "litellm" in arm.source
    assert arm.as_of


@pytest.mark.parametrize(
    ("name", "provider", "model"),
    [
        ("openai/gpt-4o-mini", "litellm", "openai/gpt-4o-mini"),
        ("gemini/gemini-2.5-pro", "gemini", "gemini-2.5-pro"),
        ("bedrock/us.anthropic.claude-sonnet-4-5-20250929-v1:0", "bedrock", "us.anthropic.claude-sonnet-4-5-20250929-v1:0"),
    ],
)
def test_prefixes_of_ours_go_to_our_providers_and_others_to_litellm(name: str, provider: str, model: str) -> None:
    arm = resolve(name, load_catalogue(None, {}))
    assert (arm.id, arm.provider, arm.model, arm.prices.known) == (name, provider, model, True)


def test_the_table_of_the_pinned_litellm_has_a_date() -> None:
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", bundled.DATED[bundled.installed()])


def test_every_chat_row_of_the_table_is_a_sound_card() -> None:
    read = tiered = 0
    for name, row in bundled.table().items():
        entry = bundled.entry_of(name if "/" in name else f"x/{name}", row) if row.get("mode") == "chat" else None
        if entry is not None:
            card = read_entry(entry, {}, "table")
            assert card.prices.known
            assert 0 < card.max_output_tokens <= card.context_tokens
            read, tiered = read + 1, tiered + bool(card.prices.tiers)
    assert read > 2000
    assert tiered > 100


def test_long_calls_are_priced_by_tiers_whichever_way_the_table_states_them() -> None:
    cards = load_catalogue(None, {})
    ((above, long),) = resolve("gemini/gemini-2.5-pro", cards).prices.tiers
    assert (above, long.input_per_m, long.output_per_m) == (200_000, Decimal("2.5"), 15)  # type: ignore[comparison-overlap]
    flash = resolve("dashscope/qwen-flash", cards).prices
    ((above, long),) = flash.tiers
    assert (flash.input_per_m, above, long.input_per_m) == (Decimal("0.05"), 256_000, Decimal("0.25"))


def test_an_unlisted_model_says_how_to_state_its_price_and_what_it_says_works(tmp_path: Path) -> None:
    with pytest.raises(RequestError) as caught:
        resolve("groq/no-such-model", load_catalogue(None, {}))
    assert "\n" not in str(caught.value)
    line = str(caught.value)[str(caught.value).index("arms: ") :]
    (tmp_path / "models.yaml").write_text(line)
    assert yaml.safe_load(line)["arms"][0]["id"] == "groq/no-such-model"
    arm = resolve("groq/no-such-model", load_catalogue(tmp_path / "models.yaml", {}))
    assert (arm.provider, arm.prices.known) == ("litellm", True)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("mistral/mistral-lrge-latest", "did you mean mistral/mistral-large-latest"),
        ("openai/text-embedding-3-small", "for embedding, not for chat"),
        ("gemini/gemma-3-27b-it", "has no price in litellm's bundled table"),
        ("openrouter/no/such", "synth models refresh"),
        ("o/gpt-4o-mini", "unknown model"),
    ],
)
def test_what_a_name_lacks_is_said(name: str, told: str) -> None:
    with pytest.raises(RequestError, match=told):
        resolve(name, load_catalogue(None, {}))


def test_named_arms_join_the_catalogue_in_their_order() -> None:
    cards = load_catalogue(None, {})
    more, chain = named(["openai/gpt-4o-mini", "gemini-flash"], cards)
    assert chain == ["openai/gpt-4o-mini", "gemini/gemini-3.8-flash"]
    assert [card.id for card in more] == [*(card.id for card in cards), "openai/gpt-4o-mini"]
    assert named([], cards) == (cards, [])
