import re
from pathlib import Path

import pytest

from synth_sdk.core.errors import PackError
from synth_sdk.dialogue.languages import language
from synth_sdk.dialogue.loading.source import parse_yaml
from synth_sdk.dialogue.loading.vocabulary import compile_type

DOCS = Path(__file__).parents[3] / "docs" / "packs.md"


def compiled(text, tag="en"):
    types = parse_yaml(text, "types.yaml")
    return {name: compile_type(name, spec, types, language(tag)) for name, spec in types.items()}


def test_the_documented_types():
    found = re.search(r"```yaml stay.yaml\n(.*?)```", DOCS.read_text("utf-8"), re.DOTALL)
    spec = parse_yaml(found.group(1), "stay.yaml")["types"]
    types = {name: compile_type(name, entry, spec, language("en")) for name, entry in spec.items()}
    nights, package, room = (types[name].forms for name in ("nights", "package", "room"))
    assert [nights.shows["long"](n, "") for n in (1, 3)] == ["1 night", "3 nights"]
    assert nights.default == ("long",)
    assert (package.keeps_case, nights.keeps_case, room.keeps_case) == (True, False, False)
    assert package.shows["plain"]("numpy", "") == "numpy"
    assert room.shows["a"](types["room"].entries[0], "") == "an attic room"


def test_word_lists_follow_the_language():
    names = {tag: compiled("n: {from: faker.first_name}", tag)["n"].entries for tag in ("en", "es", "de")}
    assert "Jürgen" in names["de"]
    assert "Jürgen" not in names["en"]
    assert len({*names.values()}) == 3
    assert compiled("n: {from: faker.first_name, locale: de_DE}")["n"].entries == names["de"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("n: [a]", "write a mapping"),
        ("n: {list: []}", "the list is empty"),
        ("n: {case: upper}", "case 'upper' is not keep"),
        ("n: {forms: {long: {one: a}}}", "write a template"),
        ("n: {forms: {long: {one: a, many: b}}}", "write a template"),
        ("n: {forms: {a: '{}'}, default: [b]}", "default names 'b'"),
        ("n: {forms: {a: '{}'}, default: {a: 0}}", "all weights of default are 0"),
        ("n: {forms: {a: '{}'}, default: {a: x}}", "is not a number"),
        ("n: {forms: {a: '{}'}, default: a}", "write a list of forms"),
        ("n: {from: faker.first_name, locale: ../../x}", "is not a locale"),
        ("n: {from: faker.first_name, locale: xx_XX}", "Faker has no first_name"),
        ("n: {from: faker.nonsense}", "is not one of"),
        ("n: {colour: red}", "has no key 'colour'"),
    ],
)
def test_flaws_are_named(text, told):
    with pytest.raises(PackError, match=told) as error:
        compiled(text)
    assert error.value.line == 1
