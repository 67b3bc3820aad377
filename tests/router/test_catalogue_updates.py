"""A refresh: what OpenRouter's list and litellm's table say now, compared with the catalogue, and the file that keeps it."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synth_sdk.core.errors import RequestError
from synth_sdk.router.catalogue import (
    Update,
    bundled,
    compare,
    document,
    load_catalogue,
    openrouter,
    refreshed_layer,
    resolve,
    shipped,
)

TODAY = date(2026, 12, 1)
FLASH, QWEN = "openrouter/deepseek/deepseek-v4-flash", "openrouter/qwen/qwen3.8-27b"


def listed(model: str, prompt: object = "0.000001", completion: object = "0.000002", **more: Any) -> dict[str, Any]:
    return {"id": model, "context_length": 200_000, "pricing": {"prompt": prompt, "completion": completion}} | more


def refreshed(*rows: Mapping[str, Any], file: Path | None = None) -> Update:
    return compare(refreshed_layer(shipped(), file), list(rows), bundled.table(), TODAY)


def kept(folder: Path, update: Update) -> Path:
    file = folder / "prices.yaml"
    file.write_text(document(update, TODAY))
    return file


def test_changes_are_told_with_old_and_new_source_and_date(tmp_path: Path) -> None:
    update = refreshed(
        listed("deepseek/deepseek-v4-flash", "0.00000014", "0.00000030", top_provider={"max_completion_tokens": 999})
    )
    told = {change.field: (change.old, change.new, change.flagged) for change in update.changes}
    assert told == {
        "output_per_m": (Decimal("0.28"), Decimal("0.3"), False),
        "context_tokens": (131_072, 200_000, False),
        "max_output_tokens": (16_384, 999, False),
    }
    assert {(change.arm, change.source, change.as_of) for change in update.changes} == {(FLASH, openrouter.SOURCE, "2026-12-01")}
    arm = resolve(FLASH, load_catalogue(None, {}, kept(tmp_path, update)))
    assert (arm.prices.output_per_m, arm.context_tokens, arm.as_of) == (Decimal("0.3"), 200_000, "2026-12-01")
    assert (arm.structured, arm.quality) == ("json_schema", 0.66)


@pytest.mark.parametrize(("prompt", "flagged"), [("0.00000056", False), ("0.00000057", True), ("0.000000034", True)])
def test_a_price_that_moves_more_than_fourfold_is_flagged(prompt: str, flagged: bool) -> None:
    changes = {change.field: change for change in refreshed(listed("deepseek/deepseek-v4-flash", prompt, "0.00000028")).changes}
    assert changes["input_per_m"].flagged is flagged
    assert not changes["context_tokens"].flagged


def test_gemini_and_bedrock_are_compared_with_litellms_table() -> None:
    row = {**bundled.table()["us.amazon.nova-micro-v1:0"], "input_cost_per_token": 7e-8, "deprecation_date": "2027-03-04"}
    update = compare(shipped(), [listed("a/b")], {"us.amazon.nova-micro-v1:0": row}, TODAY)
    told = {(change.field, change.new) for change in update.changes}
    assert told == {("input_per_m", Decimal("0.07")), ("retires_on", date(2027, 3, 4))}
    assert len(update.gone) == 16


def test_the_catalogue_agrees_with_the_table_it_names() -> None:
    assert not refreshed(listed("a/b")).changes


def test_an_arm_that_is_no_longer_listed_keeps_what_the_last_refresh_found(tmp_path: Path) -> None:
    file = kept(tmp_path, refreshed(listed("qwen/qwen3.8-27b", "0.0000003")))
    update = refreshed(listed("a/b"), file=file)
    assert QWEN in update.gone
    assert not update.changes
    assert resolve(QWEN, load_catalogue(None, {}, kept(tmp_path, update))).prices.input_per_m == Decimal("0.3")


def test_a_largest_output_that_isnt_listed_stays_within_the_context() -> None:
    arms = refreshed(listed("qwen/qwen3.8-27b", context_length=9_000), listed("a/b", context_length=99))
    assert next(entry for entry in arms.arms if entry["id"] == QWEN)["max_output_tokens"] == 9_000
    assert arms.others[0]["max_output_tokens"] == 99


def test_other_models_of_openrouter_can_be_named_after_a_refresh_and_are_not_listed(tmp_path: Path) -> None:
    rows = (
        listed("acme/new", supported_parameters=["tools", "reasoning"], expiration_date="2027-02-03"),
        listed("acme/gift:free", "0", "0"),
        listed("acme/unknown", "0", "0"),
        listed("openrouter/auto", "-1", "-1"),
        listed("acme/half", "0.000001", "0"),
    )
    file = kept(tmp_path, refreshed(*rows))
    cards = load_catalogue(None, {}, file)
    assert len(cards) == 17
    new = resolve("openrouter/acme/new", cards, file)
    assert (new.provider, new.model, new.structured, new.abilities) == ("openrouter", "acme/new", "tool", ("reasoning", "tools"))
    assert (new.prices.input_per_m, new.context_tokens, new.retires_on) == (1, 200_000, date(2027, 2, 3))  # type: ignore[comparison-overlap]
    assert resolve("openrouter/acme/gift:free", cards, file).prices.free
    for name in ("acme/unknown", "openrouter/auto", "acme/half"):
        with pytest.raises(RequestError, match="unknown model"):
            resolve(f"openrouter/{name}", cards, file)


def test_a_users_own_price_wins_over_a_refreshed_one_and_newer_shipped_facts_over_an_old_refresh(tmp_path: Path) -> None:
    file = kept(tmp_path, refreshed(listed("deepseek/deepseek-v4-flash")))
    mine = tmp_path / "models.yaml"
    mine.write_text(f"arms: [{{id: {FLASH}, prices: {{input_per_m: 0.77}}}}]")
    arm = resolve(FLASH, load_catalogue(mine, {}, file))
    assert (arm.prices.input_per_m, arm.prices.output_per_m) == (Decimal("0.77"), 2)  # type: ignore[comparison-overlap]
    file.write_text(file.read_text().replace("2026-12-01", "2026-01-01"))
    assert resolve(FLASH, load_catalogue(None, {}, file)).prices.input_per_m == Decimal("0.14")


def test_arms_that_left_the_catalogue_are_passed_over_and_a_broken_file_says_what_mends_it(tmp_path: Path) -> None:
    file = tmp_path / "prices.yaml"
    file.write_text("arms: [{id: openrouter/left/us, prices: {input_per_m: 1}, as_of: 2026-12-01}]")
    assert len(load_catalogue(None, {}, file)) == 17
    file.write_text("arms: 3")
    with pytest.raises(RequestError, match="'synth models refresh' writes it anew"):
        load_catalogue(None, {}, file)


@pytest.mark.parametrize("page", [None, [], {}, {"data": {}}, {"data": [1]}, {"data": [{"name": "x"}]}, {"data": [{"id": 3}]}])
def test_what_is_no_list_of_models_is_refused(page: object) -> None:
    with pytest.raises(RequestError, match="no list of models"):
        openrouter.rows_of(page)


odd = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-2, 10**9)
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["1e-7", "-1", "0", "NaN"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["prompt", "context_length"]), inner, max_size=2),
    max_leaves=4,
)
ROWS = st.lists(
    st.fixed_dictionaries(
        {"id": st.sampled_from(["qwen/qwen3.8-27b", "a/b", "a/b:free", ""])},
        optional={
            "context_length": odd,
            "top_provider": odd | st.fixed_dictionaries({}, optional={"context_length": odd, "max_completion_tokens": odd}),
            "supported_parameters": odd,
            "expiration_date": odd,
            "pricing": odd
            | st.fixed_dictionaries({}, optional=dict.fromkeys(["prompt", "completion", "request", "internal_reasoning"], odd)),
        },
    ),
    max_size=4,
)


@given(rows=ROWS)
@settings(max_examples=60)
def test_whatever_a_list_holds_only_sound_cards_come_of_it(
    tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, Any]]
) -> None:
    update = compare(shipped(), openrouter.rows_of({"data": rows}), {}, TODAY)
    file = kept(tmp_path_factory.mktemp("odd"), update)
    cards = load_catalogue(None, {}, file)
    named = [resolve(entry["id"], cards, file) for entry in update.others]
    for card in (*cards, *named):
        assert card.prices.known
        assert 0 < card.max_output_tokens <= card.context_tokens
