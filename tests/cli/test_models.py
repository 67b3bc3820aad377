"""`synth models` as a user has it."""

import json

from synth_sdk.core.clock import today
from synth_sdk.router import Beliefs, LearnedStore, load_catalogue
from synth_sdk.router.beliefs import Seen
from tests.support.price_list import ROW, page, price_list

KEY = {"GEMINI_API_KEY": "unused-key-123"}


def test_the_table_fits_80_columns_and_groups_the_reasons(synth):
    done = synth("models", env=KEY)
    head, *lines = done.out.splitlines()
    assert head.split() == ["model", "provider", "$/M", "in", "$/M", "out", "context", "quality", "usable"]
    arms = [line for line in lines if line.endswith(("  yes", "  no"))]
    assert len(arms) == 17
    assert max(map(len, [head, *arms])) <= 80
    assert sum(line.endswith("  yes") for line in arms) == 5
    assert "2.000+" in done.out
    assert "+: dearer above 200,000 tokens of input" in lines
    assert any(line.startswith("not usable: deepseek-v4-flash") and line.endswith(": set OPENROUTER_API_KEY") for line in lines)
    assert (done.code, done.err) == (0, "")


def test_json_lists_every_fact(synth):
    arms = json.loads(synth("models", "--json", env=KEY).out)
    assert len(arms) == 17
    wanted = (
        "id aliases provider model prices context abilities region quality source as_of usable why_not learned family retires_on"
    )
    assert all(set(wanted.split()) <= arm.keys() for arm in arms)


def test_check_says_what_is_usable_and_what_is_old(synth):
    done = synth("models", "check", env=KEY)
    assert done.out.startswith("usable: gemini-2.5-flash-lite, gemini-flash-lite, gemini-2.5-flash, gemini-flash, gemini-pro\n")
    assert "set AWS_ACCESS_KEY_ID" in done.out
    assert "synth models refresh" in done.out
    assert done.code == 0
    for words in (("models", "check", "--json"), ("models", "--json", "check")):
        arms = {arm["id"]: arm for arm in json.loads(synth(*words, env=KEY).out)}
        assert arms["gemini/gemini-3.8-flash"]["usable"] is True
        assert "OPENROUTER" in arms["openrouter/z-ai/glm-5.2"]["why_not"]
    assert synth("models", "check").out.startswith("usable: none; records can still be made offline\n")


def test_refresh_tells_old_and_new_and_a_second_one_nothing(synth, home):
    with price_list({"/api/v1/models": page(ROW, {**ROW, "id": "acme/new"})}) as (base, _):
        env = {"SYNTH_OPENROUTER_API_BASE": base}
        first, second = synth("models", "refresh", env=env), synth("models", "refresh", env=env)
    day = today().isoformat()
    told = f"input_per_m: 0.14 -> 0.2 (OpenRouter's public model list, {day})"
    assert f"openrouter/deepseek/deepseek-v4-flash {told}\n" in first.out
    assert "openrouter/z-ai/glm-5.2: no longer listed with a price; its old one is kept\n" in first.out
    assert first.err == f"synth: 1 of 17 arms changed; 1 other OpenRouter model has a price; kept in {home / 'prices.yaml'}\n"
    assert " -> " not in second.out
    assert second.err.startswith("synth: no price has changed; ")
    assert (first.code, second.code) == (0, 0)


def test_a_fourfold_move_is_flagged(synth):
    row = {**ROW, "pricing": {"prompt": "0.000002", "completion": "0.00000028"}}
    with price_list({"/api/v1/models": page(row)}) as (base, _):
        done = synth("models", "refresh", env={"SYNTH_OPENROUTER_API_BASE": base})
    (line,) = (line for line in done.out.splitlines() if "moved more than 4 times" in line)
    assert "input_per_m: 0.14 -> 2 " in line


def test_without_a_network_refresh_is_one_line_and_exit_1(synth, home):
    done = synth("models", "refresh", env={"SYNTH_OPENROUTER_API_BASE": "http://127.0.0.1:9"})
    assert done.code == 1
    assert done.out == ""
    assert done.err.count("\n") == 1
    assert "no price has changed" in done.err
    assert not (home / "prices.yaml").exists()


def test_what_was_learned_is_shown_and_forgotten(synth, home):
    beliefs = Beliefs(load_catalogue(None, {}))
    for arm in ("gemini/gemini-3.8-flash", "gemini/gemini-2.5-flash"):
        beliefs.observe(Seen(arm=arm, task="json", size=4, tried=4, accepted=3, seconds=2.0), 0.0)
    home.mkdir()
    LearnedStore(home / "router.sqlite3").save(beliefs)
    lines = synth("models").out.splitlines()
    head = next(number for number, line in enumerate(lines) if line.startswith("learned in earlier runs"))
    assert [line.split()[:3] for line in lines[head + 1 : head + 3]] == [
        ["gemini-2.5-flash", "4", "75%"],
        ["gemini-flash", "4", "75%"],
    ]
    one = synth("models", "reset", "gemini-flash")
    assert one.err == "synth: forgot what was learned of gemini/gemini-3.8-flash: 1 task\n"
    everything = synth("models", "reset")
    assert everything.err == "synth: forgot everything that was learned: 1 task\n"
    assert "learned in earlier runs" not in synth("models").out


def test_an_unknown_arm_a_config_and_a_wrong_subcommand(synth, tmp_path):
    assert synth("models", "reset", "gemini-flahs").code == 2
    (tmp_path / "mine.yaml").write_text("arms: [{id: gemini/gemini-3.8-flash, prices: {input_per_m: 7}}]")
    (tmp_path / "own.yaml").write_text("catalogue: mine.yaml")
    for words in (("models", "--config", "own.yaml"), ("models", "--config", "own.yaml", "--debug")):
        assert "7.000" in synth(*words).out
    assert synth("models", "check", "--config", "none.yaml").code == 2
    assert "did you mean refresh" in synth("models", "refrsh").err
