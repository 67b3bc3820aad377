"""The catalogue as a program reads it: what is usable, what was learned, and a refresh over a real socket."""

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from synth_sdk.client.learned import forget_learned, learned_store
from synth_sdk.client.models import check_models, list_models, read_catalogue
from synth_sdk.client.prices import prices_file, refresh_prices
from synth_sdk.client.settings import Settings, read_settings
from synth_sdk.core.errors import OutputError, SynthError
from synth_sdk.router import Beliefs
from synth_sdk.router.beliefs import Seen
from tests.support.price_list import ROW, page, price_list

TODAY = date(2026, 12, 1)
FLASH = "openrouter/deepseek/deepseek-v4-flash"


def settings_in(home: Path, **env: str) -> Settings:
    return read_settings({"SYNTH_HOME": str(home), **env}, folder=home.parent)


def arm(rows: list[dict[str, Any]], name: str) -> dict[str, Any]:
    return next(row for row in rows if name in (row["id"], *row["aliases"]))


def test_an_arm_is_told_with_all_its_facts(home: Path) -> None:
    rows = list_models(settings_in(home, GEMINI_API_KEY="unused-key-123"), TODAY)
    pro = arm(rows, "gemini-pro")
    assert (
        pro["prices"]["tiers"][0] | {"above_tokens": 200_000, "input_per_m": 4.0, "output_per_m": 18.0}
        == pro["prices"]["tiers"][0]
    )
    assert (pro["family"], pro["context"], pro["retires_on"], pro["usable"], pro["learned"]) == (
        "gemini",
        1_048_576,
        None,
        True,
        None,
    )
    assert pro["abilities"]["reasoning"] is True
    assert arm(rows, "nova-micro")["abilities"]["reasoning"] is False
    json.dumps(rows)


def test_a_retired_arm_is_not_usable_and_one_that_will_retire_is_told(home: Path) -> None:
    settings = settings_in(home, GEMINI_API_KEY="unused-key-123")
    assert arm(check_models(settings, date(2027, 5, 7)), "gemini-flash-lite")["notes"][0] == "retires in 0 days, after 2027-05-07"
    assert arm(check_models(settings, date(2027, 1, 7)), "gemini-flash-lite")["notes"] == []
    late = arm(check_models(settings, date(2027, 5, 8)), "gemini-flash-lite")
    assert (late["usable"], late["why_not"]) == (False, "retired on 2027-05-07")


def test_old_prices_are_told_and_free_arms_have_none(home: Path) -> None:
    settings = settings_in(home, SYNTH_LOCAL_API_BASE="http://127.0.0.1:1/v1", SYNTH_LOCAL_MODEL="tiny")
    rows = check_models(settings, TODAY)
    assert arm(rows, FLASH)["notes"] == ["price of 2026-06-25, 159 days old: run 'synth models refresh'"]
    assert arm(rows, "gemini-flash")["notes"] == []
    assert arm(rows, "local")["notes"] == []
    assert arm(rows, "local")["usable"] is True


def test_an_arm_of_a_provider_that_is_not_installed_says_so(home: Path) -> None:
    home.mkdir()
    facts = "provider: nobody, model: m, context_tokens: 9, max_output_tokens: 9, prices: {input_per_m: 1, output_per_m: 1}"
    (home / "models.yaml").write_text(f"arms: [{{id: nobody/m, {facts}}}]")
    assert arm(list_models(settings_in(home), TODAY), "nobody/m")["why_not"] == "provider 'nobody' is not installed"


def test_what_was_learned_stands_with_its_arm_until_it_is_forgotten(home: Path) -> None:
    settings = settings_in(home)
    cards, _ = read_catalogue(settings)
    beliefs = Beliefs(cards)
    for task, accepted in (("conversation", 3), ("json", 1)):
        seen = Seen(arm=FLASH, task=task, size=4, tried=4, accepted=accepted, seconds=2.0, paid_usd=0.004, listed_usd=0.002)
        beliefs.observe(seen, 0.0)
    home.mkdir()
    learned_store(settings).save(beliefs)
    learned = arm(list_models(settings, TODAY), FLASH)["learned"]
    assert (learned["records"], learned["validity"], [task["task"] for task in learned["tasks"]]) == (
        8,
        0.5,
        ["conversation", "json"],
    )
    assert learned["seconds"] == pytest.approx(2.0)
    assert learned["cost_factor"] > 1
    assert forget_learned(settings, "gemini/gemini-3.8-flash") == 0
    assert arm(list_models(settings, TODAY), FLASH)["learned"] is not None
    assert forget_learned(settings, FLASH) == 2
    assert arm(list_models(settings, TODAY), FLASH)["learned"] is None


def test_forgetting_before_anything_was_learned_makes_no_file(home: Path) -> None:
    assert forget_learned(settings_in(home)) == 0
    assert not home.exists()


def test_a_refresh_asks_every_page_without_a_key_and_changes_what_the_catalogue_says(home: Path) -> None:
    pages = {
        "/api/v1/models": page(ROW, links={"next": "/api/v1/models?offset=1"}),
        "/api/v1/models?offset=1": page({**ROW, "id": "acme/new"}, links={"next": None}),
    }
    with price_list(pages) as (base, asked):
        settings = settings_in(home, SYNTH_OPENROUTER_API_BASE=base + "/", OPENROUTER_API_KEY="unused-key-123")
        update = refresh_prices(settings, TODAY)
    assert {change.arm for change in update.changes} == {FLASH}
    assert len(asked) == 2
    assert "unused-key-123" not in json.dumps(asked)
    assert arm(list_models(settings, TODAY), FLASH)["prices"]["input_per_m"] == 0.2
    cards, chain = read_catalogue(settings, ["openrouter/acme/new"])
    assert chain == ["openrouter/acme/new"]
    assert cards[-1].id == "openrouter/acme/new"
    assert sorted(path.name for path in home.iterdir()) == ["prices.yaml"]


@pytest.mark.parametrize(
    ("pages", "told"),
    [
        ({}, "404"),
        ({"/api/v1/models": (500, b"")}, "500"),
        ({"/api/v1/models": (200, b"<html>")}, "gave no price list"),
        ({"/api/v1/models": (200, b"\xff\xfe")}, "gave no price list"),
        ({"/api/v1/models": (200, b'{"data": "soon"}')}, "no list of models"),
        ({"/api/v1/models": (200, b'{"data": []}')}, "no model with a price"),
        ({"/api/v1/models": page({**ROW, "pricing": {"prompt": "-1"}})}, "no model with a price"),
        ({"/api/v1/models": page(ROW, links={"next": "https://example.invalid/models"})}, "another server, example.invalid"),
        ({"/api/v1/models": page(ROW, links={"next": "/api/v1/models"})}, "more than 50 pages"),
        ({"/api/v1/models": page(ROW, links={"next": "/gone"})}, "404"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_garbled_answer_changes_nothing(home: Path, pages: Mapping[str, tuple[int, bytes]], told: str) -> None:
    home.mkdir()
    (home / "prices.yaml").write_text("arms: []")
    with price_list(pages) as (base, _), pytest.raises(SynthError) as caught:
        refresh_prices(settings_in(home, SYNTH_OPENROUTER_API_BASE=base), TODAY)
    assert told in caught.value.message
    assert "no price has changed" in caught.value.message
    assert "\n" not in caught.value.message
    assert caught.value.exit_code == 1
    assert (home / "prices.yaml").read_text() == "arms: []"


@pytest.mark.parametrize("base", ["http://127.0.0.1:9", "nonsense", "http://[", "ftp://127.0.0.1"])
def test_without_a_network_nothing_changes(home: Path, base: str) -> None:
    settings = settings_in(home, SYNTH_OPENROUTER_API_BASE=base)
    with pytest.raises(SynthError, match="no price has changed") as caught:
        refresh_prices(settings, TODAY)
    assert caught.value.exit_code == 1
    assert not prices_file(settings).exists()


def test_a_refresh_replaces_a_broken_file_and_says_where_it_cannot_write(home: Path) -> None:
    home.mkdir()
    (home / "prices.yaml").write_text("arms: 3")
    with price_list({"/api/v1/models": page(ROW)}) as (base, _):
        refresh_prices(settings_in(home, SYNTH_OPENROUTER_API_BASE=base), TODAY)
        assert arm(list_models(settings_in(home), TODAY), FLASH)["as_of"] == "2026-12-01"
        (home / "file").write_text("")
        with pytest.raises(OutputError, match="set SYNTH_HOME to a folder that can"):
            refresh_prices(settings_in(home / "file", SYNTH_OPENROUTER_API_BASE=base), TODAY)
