"""Names of retired models mean today's arm of the same line and tier."""

from datetime import date
from pathlib import Path

import pytest

from synth_sdk.core.errors import RequestError, UnknownName
from synth_sdk.router.catalogue import bundled, load_catalogue, resolve, retired, stand_ins, successors
from synth_sdk.router.catalogue.files import read_file

TABLE = Path(__file__).parents[2] / "synth_sdk/router/catalogue/successors.yaml"
CARDS = load_catalogue(None, {})
LISTED = """\
{as_of: "2026-11-21", arms: []}
---
arms:
  - {id: openrouter/openai/gpt-6.1-sol, provider: openrouter, model: openai/gpt-6.1-sol, context_tokens: 900000, max_output_tokens: 8192,
     prices: {input_per_m: 2, output_per_m: 10}, as_of: "2026-11-21", source: OpenRouter's public model list}
"""


@pytest.mark.parametrize(
    ("name", "arm"),
    [
        ("gpt-4", "openai/gpt-6.1-sol"),
        ("GPT-4", "openai/gpt-6.1-sol"),
        ("gpt-4-turbo", "openai/gpt-6.1-sol"),
        ("gpt-4-0613", "openai/gpt-6.1-sol"),
        ("gpt-4-1106-preview", "openai/gpt-6.1-sol"),
        ("gpt-4-turbo-2024-04-09", "openai/gpt-6.1-sol"),
        ("gpt-3.5-turbo", "openai/gpt-6-luna"),
        ("claude-2", "bedrock/us.anthropic.claude-sonnet-5-5"),
        ("claude-3", "bedrock/us.anthropic.claude-sonnet-5-5"),
        ("claude-3-sonnet", "bedrock/us.anthropic.claude-sonnet-5-5"),
        ("claude-3-5-sonnet-20241022", "bedrock/us.anthropic.claude-sonnet-5-5"),
        ("claude-3.5-sonnet", "bedrock/us.anthropic.claude-sonnet-5-5"),
        ("claude-3-opus", "bedrock/us.anthropic.claude-opus-5-5"),
        ("claude-3-haiku", "bedrock/us.anthropic.claude-haiku-4-5-20251001-v1:0"),
        ("gemini-1.5-pro", "gemini/gemini-3.1-pro-preview"),
        ("gemini-1.5-pro-002", "gemini/gemini-3.1-pro-preview"),
        ("gemini-1.5-flash-latest", "gemini/gemini-3.8-flash"),
    ],
)
def test_a_retired_name_means_todays_arm(name: str, arm: str) -> None:
    assert resolve(name, CARDS).id == arm
    assert [card.id for card in stand_ins([name], CARDS).values()] == [arm]


def test_every_stand_in_can_be_had_today_at_a_known_price() -> None:
    for name in read_file(TABLE)["successors"]:
        card = resolve(name, CARDS)
        assert card.prices.known, name
        assert not retired(card, date(2026, 11, 21)), name


def test_openrouter_is_preferred_once_its_price_is_known(tmp_path: Path) -> None:
    (tmp_path / "prices.yaml").write_text(LISTED)
    assert resolve("gpt-4", CARDS, tmp_path / "prices.yaml").id == "openrouter/openai/gpt-6.1-sol"


def test_the_dates_are_those_of_litellms_table() -> None:
    table = bundled.table()
    for name in ("gpt-4", "gpt-4-turbo", "gpt-3.5-turbo", "o1", "o3-mini"):
        assert table[name]["deprecation_date"] == "2026-10-23"
    assert not [
        name for name in ("gpt-4-32k", "gemini/gemini-1.5-pro", "gemini/gemini-2.0-flash", "claude-3-opus") if name in table
    ]


def test_names_that_are_no_retired_models_are_left_alone(tmp_path: Path) -> None:
    for name in ("gemini-pro", "claude-opus", "gpt-oss-120b"):  # aliases of the catalogue
        assert not stand_ins([name], CARDS)
    assert successors("gpt-4.1") == successors("gpt-4o") == ()
    with pytest.raises(UnknownName):
        resolve("gpt-44", CARDS)
    with pytest.raises(RequestError):
        resolve("openai/gpt-4-32k", CARDS)
    (tmp_path / "models.yaml").write_text("arms: [{id: gemini/gemini-3.8-flash, aliases: [gpt-4]}]")
    own = load_catalogue(tmp_path / "models.yaml", {})
    assert resolve("gpt-4", own).id == "gemini/gemini-3.8-flash"
    assert not stand_ins(["gpt-4"], own)
