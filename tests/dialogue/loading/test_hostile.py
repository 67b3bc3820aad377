"""Packs that mean harm, or were written by a cat on the keyboard: refused at once, with file, line and rule."""

import os
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from synth_sdk.core.errors import PackError
from synth_sdk.dialogue import load_pack
from synth_sdk.dialogue.loading.including import MOST_FILES
from synth_sdk.dialogue.loading.source import DEEPEST, MOST_VALUES, parse_yaml


def flaw(path):
    began = time.process_time()
    with pytest.raises(PackError) as error:
        load_pack(path)
    assert time.process_time() - began < 5
    assert "\n" not in error.value.message
    return error.value


@pytest.mark.parametrize(
    ("text", "line", "rule"),
    [
        ("pack: !!python/object/apply:os.system ['echo hi']", 1, "tags"),
        ("a: 1\nb: !include /etc/passwd", 2, "tags"),
        ("a: 1\n!!str b: 2", 2, "keys"),
        ("a: 1\n&k b: 2", 2, "keys"),
        ("a: &x {y: 1}\nb: {<<: *x}", 1, "anchors"),
        ("a: 1\nb: {<<: {c: 1}}\n", 1, "unknown key"),
        ("%YAML 1.1\n%TAG ! tag:x,2000:\n---\na: !b c", 4, "tags"),
        ("a: 1\n\x00b: 2", 2, "yaml"),
        ("é: 1\né2: \x07", 2, "yaml"),
        ("a: 1\nb: 2\nc: {d: 1, d: 2}", 3, "keys"),
        ("a: 'never closed", 1, "yaml"),
        ("a:\n\t- b", 2, "yaml"),
        ("a: 1\n...\n---\nb: 1\n", 3, "format"),
        ("just text", 1, "format"),
    ],
)
def test_what_yaml_can_do_to_a_reader(tmp_path, text, line, rule):
    path = tmp_path / "x.yaml"
    path.write_bytes(text.encode())
    error = flaw(path)
    assert (error.file, error.line, error.rule) == (str(path), line, rule)


@pytest.mark.parametrize("text", ["[" * 100_000, "{a: " * 50_000, "- " * 50_000, "? " * 50_000, "a: " + "[" * (DEEPEST + 1)])
def test_depth(tmp_path, text):
    path = tmp_path / "x.yaml"
    path.write_text(text)
    assert flaw(path).rule in ("depth", "keys", "yaml")


def test_the_number_of_values():
    with pytest.raises(PackError, match=f"more than {MOST_VALUES} values"):
        parse_yaml("a: [" + "1," * MOST_VALUES + "]", "x.yaml")


def test_latin_bytes_have_a_line(tmp_path):
    path = tmp_path / "x.yaml"
    path.write_bytes(b"a: 1\nb: \xe9\n")
    assert (flaw(path).line, flaw(path).rule) == (2, "encoding")


def test_too_many_files(write_pack):
    path = write_pack("greetings:", "include: [more/*.yaml]\ngreetings:")
    (path.parent / "more").mkdir()
    for i in range(MOST_FILES):
        (path.parent / "more" / f"{i}.yaml").write_text("greetings: [x]\n")
    assert flaw(path).rule == "size"


@pytest.mark.parametrize(
    "name",
    [
        "**/*.yaml",
        "*/x.yaml",
        "more/**",
        "../*.yaml",
        "more/../../x.yaml",
        "/etc/*",
        "shared/../../*.py",
        "more",
        "~",
        "shared/",
        "",
    ],
)
def test_includes_neither_wander_nor_leave(write_pack, name):
    path = write_pack("greetings:", f"include: ['{name}']\ngreetings:")
    (path.parent / "more").mkdir()
    assert flaw(path).rule in ("include", "file")


def test_a_link_in_a_folder_of_links(write_pack, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside")
    (outside / "x.yaml").write_text("say: {}\n")
    path = write_pack("greetings:", "include: [more/*.yaml]\ngreetings:")
    (path.parent / "more").symlink_to(outside)
    assert flaw(path).rule == "include"


def test_a_file_that_never_ends(write_pack):
    path = write_pack("greetings:", "include: [pipe.yaml]\ngreetings:")
    os.mkfifo(path.parent / "pipe.yaml")
    assert flaw(path).rule == "file"


def test_an_included_file_includes_nothing(write_pack):
    path = write_pack("greetings:", "include: [more.yaml]\ngreetings:")
    (path.parent / "more.yaml").write_text("include: [more.yaml]\n")
    assert flaw(path).rule == "include"


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("[Thanks so much!,", '["(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)",', "frame"),
        ("[Thanks so much!,", f'["{"(a|" * 9}b{")" * 9}",', "frame"),
        ("[Thanks so much!,", f'["{"x" * 3000}",', "frame"),
        ("[Thanks so much!,", f'["{"[" * 500}",', "frame"),
        ("success: loan.renewed", f"success: {'(' * 600}1{')' * 600}", "expression"),
        ("success: loan.renewed", f"success: {'not ' * 120}1", "expression"),
        ("success: loan.renewed", "success: loan.__class__.__mro__(1)", "expression"),
        ("success: loan.renewed", "success: 9 ** 9 ** 9", "expression"),
        ("success: loan.renewed", "success: \"[x for x in loan]\"", "expression"),
        ("  loan:\n", "  loan:\n    count: 1000000000\n", "size"),
        ("goals:", "agents: [{name: a}, {name: a}]\ngoals:", "declared twice"),
        ("{type: string}", "{$ref: 'file:///etc/passwd'}", "schema"),
    ],
)  # fmt: skip
def test_what_a_pack_can_do_to_the_engine(write_pack, old, new, rule):
    assert flaw(write_pack(old, new)).rule == rule


def flaw_of(read):
    try:
        read()
    except PackError as error:
        return error
    return None


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(codec="utf-8"), max_size=60) | st.text("abc:-[]{}&*!|>'\"#%@, \n\t?", max_size=60))
def test_any_text_is_data_or_a_flaw(text):
    error = flaw_of(lambda: parse_yaml(text, "x.yaml"))
    assert error is None or (error.rule and error.file == "x.yaml" and error.line and "\n" not in error.message)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_pack_with_a_bite_out_of_it_loads_or_says_what_is_wrong(tmp_path, example_text, data):
    start = data.draw(st.integers(0, len(example_text)))
    length = data.draw(st.integers(1, 40))
    filling = data.draw(st.sampled_from(["", "x", ": ", "[", "- 1", "{a: b}", "null", "'", "7"]))
    path = tmp_path / "bitten.yaml"
    path.write_text(example_text[:start] + filling + example_text[start + length :])
    error = flaw_of(lambda: load_pack(path))
    assert error is None or (error.rule and "\n" not in error.message)
