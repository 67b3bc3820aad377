"""`check_pack`: a right pack, and wrong ones."""

import pytest

from synth_sdk.dialogue.overview import new_pack
from synth_sdk.testing import check_pack


@pytest.fixture
def pack(tmp_path):
    path = tmp_path / "bikes.yaml"
    new_pack("bikes", str(path))
    return path


def test_a_right_pack_passes(pack):
    check_pack(pack)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("say:", "sya:", r"did you mean say\?"),
        ("bye: {agent: bye, next: end}", "bye: {agent: bye, next: thanks}", r"\[flow\]"),
        ("lang: en", "lang: [", "YAML"),
    ],
)
def test_wrong_packs_are_found_out(pack, old, new, told):
    pack.write_text(pack.read_text().replace(old, new))
    with pytest.raises(AssertionError, match=told):
        check_pack(pack)


def test_what_isnt_there_is_no_pack(tmp_path):
    with pytest.raises(AssertionError, match="unknown pack"):
        check_pack("no_such_pack")
    with pytest.raises(AssertionError, match="there is no such file"):
        check_pack(tmp_path / "none.yaml")


def test_the_strict_check_takes_warnings_for_errors(pack):
    check_pack(pack, strict=True)
    pack.write_text(pack.read_text().replace("  days: {forms", "  unused: {list: [a, b]}\n  days: {forms"))
    check_pack(pack)
    with pytest.raises(AssertionError, match=r"types\.unused is used nowhere"):
        check_pack(pack, strict=True)
