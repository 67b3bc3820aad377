"""Look-up of parts: the same door for all, nothing loaded unasked, one line for whatever is wrong with a stranger's part."""

import sys

import pytest

from synth_sdk.core import plugins
from synth_sdk.core.errors import OutputError, RequestError, UnknownName
from tests.support.distributions import install, visible


@pytest.fixture
def site(tmp_path):
    """A folder of packages that this process sees."""
    folder = tmp_path / "site"
    folder.mkdir()
    with visible(folder):
        yield folder


def add(site, name, entries, modules, version="1.0"):
    install(site, name, entries, modules, version)
    plugins._installed.cache_clear()


def test_a_strangers_part_is_found_by_name_and_loaded_when_asked_for(site):
    add(site, "acme-synth", {"rules": {"acme": "acme_rules:check"}}, {"acme_rules": "def check(record):\n    return []\n"})
    assert "acme" in plugins.names("rules")
    assert "acme_rules" not in sys.modules
    assert plugins.load("rules", "acme")({}) == []
    (part,) = (part for part in plugins.parts("rules") if part.name == "acme")
    assert (part.owner, part.target, part.builtin, part.used) == ("acme-synth 1.0", "acme_rules:check", False, True)
    assert not plugins.at_run_time("rules", "acme")


def test_every_group_lists_its_parts_and_ours_are_built_in():
    for group in plugins.GROUPS:
        parts = plugins.parts(group)
        assert [part.name for part in parts] == plugins.names(group)
        assert parts
        assert all(
            part.builtin and part.distribution == plugins.OURS for part in parts if ":" in part.target or part.group == "packs"
        )
    with pytest.raises(UnknownName, match=r"unknown group of plugins 'rule': did you mean rules\?"):
        plugins.parts("rule")


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("import no_such_library", "No module named 'no_such_library'; install what it needs"),
        ("raise ValueError('two\\nlines')", "ValueError: two lines"),
        ("raise SystemExit(1)", "SystemExit: 1"),
        ("raise SystemExit", "SystemExit"),
        ("def other(record): ...", "AttributeError: module 'acme_rules' has no attribute 'check'"),
        ("def check(record:", "SyntaxError: "),
        ("from synth_sdk.core.errors import RequestError\nraise RequestError('install it so')", "install it so"),
        ("raise RuntimeError('Bearer abcdefghijkl')", "RuntimeError: Bearer [redacted]"),
    ],
)
def test_a_part_that_cant_be_imported_is_one_line_that_names_it(site, source, told):
    add(site, "acme-synth", {"rules": {"acme": "acme_rules:check"}}, {"acme_rules": source})
    with pytest.raises(RequestError) as caught:
        plugins.load("rules", "acme")
    assert caught.value.message.startswith(f"rule 'acme' of acme-synth 1.0 can't be loaded: {told}")
    assert "\n" not in caught.value.message
    assert caught.value.exit_code == 2
    assert plugins.load("rules", "no_placeholder")({"a": "b"})


def test_a_keyboard_interrupt_while_loading_stays_one(site):
    add(site, "acme-synth", {"rules": {"acme": "acme_rules:check"}}, {"acme_rules": "raise KeyboardInterrupt"})
    with pytest.raises(KeyboardInterrupt):
        plugins.load("rules", "acme")


def test_of_two_claims_the_built_in_one_counts_and_the_other_is_told(site):
    add(site, "acme-synth", {"generators": {"text": "acme_text:Text"}}, {"acme_text": "class Text: ..."})
    assert plugins.load("generators", "text").__module__ == "synth_sdk.generators.text"
    assert plugins.rivals("generators", "text") == [
        "generator 'text' of acme-synth 1.0 is not used: the built-in one has that name"
    ]
    assert plugins.rivals("generators", "json") == []
    first, second = (part for part in plugins.parts("generators") if part.name == "text")
    assert (first.builtin, first.used, second.builtin, second.used) == (True, True, False, False)


def test_of_two_strangers_the_first_by_name_counts(site):
    add(site, "zebra", {"rules": {"same": "zebra_rules:check"}}, {"zebra_rules": "def check(record): return ['zebra']"})
    add(
        site,
        "aardvark",
        {"rules": {"same": "aardvark_rules:check"}},
        {"aardvark_rules": "def check(record): return ['aardvark']"},
    )
    assert plugins.load("rules", "same")({}) == ["aardvark"]
    assert plugins.rivals("rules", "same") == ["rule 'same' of zebra 1.0 is not used: that of aardvark 1.0 has that name"]


def test_what_is_registered_at_run_time_takes_the_place_of_what_was_there(site):
    part, other = (lambda record: []), (lambda record: ["no"])
    plugins.register("rules", "mine", other)
    plugins.register("rules", "mine", part)
    assert plugins.load("rules", "mine") is part
    assert plugins.registered_as("rules", part) == "mine"
    assert plugins.registered_as("rules", other) is None
    assert plugins.at_run_time("rules", "mine")
    assert not plugins.builtin("rules", "mine")
    assert [row.distribution for row in plugins.parts("rules") if row.name == "mine"] == [plugins.HERE]
    for wrong in ("", " ", None, 3):
        with pytest.raises(RequestError, match="must be a text"):
            plugins.register("rules", wrong, part)
    with pytest.raises(UnknownName, match="did you mean rules"):
        plugins.register("rulez", "mine", part)


def test_a_decorated_function_behind_an_entry_point_is_known_to_other_processes_too(site):
    source = "from synth_sdk import generator\n@generator('dice')\ndef dice(rng):\n    return rng.randrange(6)\n"
    add(site, "acme-synth", {"generators": {"dice": "acme_dice:dice"}}, {"acme_dice": source})
    made = plugins.load("generators", "dice")
    assert isinstance(made, type)
    assert plugins.load("generators", "dice") is made
    assert not plugins.at_run_time("generators", "dice")
    assert [part.owner for part in plugins.parts("generators") if part.name == "dice"] == ["acme-synth 1.0"]


def test_making_a_part_turns_a_strangers_errors_into_ours(site):
    source = (
        "from synth_sdk.core.errors import OutputError\n"
        "def broken(): raise KeyError('x')\n"
        "def ours(): raise OutputError('no such place')\n"
        "def good(): return 3\n"
    )
    entries = {name: f"acme_sinks:{name}" for name in ("broken", "ours", "good")}
    add(site, "acme-synth", {"sinks": entries}, {"acme_sinks": source})
    assert plugins.make("sinks", "good") == 3
    with pytest.raises(RequestError, match=r"^sink 'broken' of acme-synth 1.0 can't be made: KeyError: 'x'$"):
        plugins.make("sinks", "broken")
    with pytest.raises(OutputError, match=r"^no such place$"):
        plugins.make("sinks", "ours")
    plugins.register("sinks", "here", lambda: 1 / 0)
    with pytest.raises(RequestError, match=r"^sink 'here' can't be made: ZeroDivisionError"):
        plugins.make("sinks", "here")
    with pytest.raises(TypeError):
        plugins.make("sinks", "csv", 1, 2)  # a fault of ours isn't hidden
