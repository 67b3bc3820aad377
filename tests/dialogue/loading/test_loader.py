import pickle
import subprocess
import sys

import pytest

from synth_sdk.core.errors import PackError, UnknownName
from synth_sdk.dialogue import builtin_packs, load_pack, play


def test_built_in_packs_are_listed():
    assert "customer_support" in builtin_packs()


def test_unknown_names_offer_the_nearest():
    with pytest.raises(UnknownName, match="did you mean customer_support"):
        load_pack("customer_suport")


def test_a_missing_file_is_a_flaw(tmp_path):
    with pytest.raises(PackError, match="no such file"):
        load_pack(tmp_path / "none.yaml")


@pytest.mark.parametrize(
    ("old", "new", "rule", "told"),
    [
        ("version: 1", "verson: 1", "unknown key", "did you mean version"),
        ("description: A reader renews a book.", "", "missing key", "description"),
        ("next: renew}", "next: renev}", "flow", "did you mean renew"),
        ("agent: renewed", "agent: renewd", "flow", "did you mean renewed"),
        ("user: thanks, next", "agent: thanks, next", "flow", "belongs to the user"),
        ("call: renew_loan", "call: renew", "flow", "not a tool"),
        ("args: {loan_id: =known.loan}", "args: {}", "flow", "needs loan_id"),
        ("args: {loan_id: =known.loan}", "args: {loan_id: =known.loan, x: 1}", "flow", "no argument x"),
        ("{due}.\"", "{dew}.\"", "unknown slot", "did you mean due"),
        ("{due}.\"", "{due|soon}.\"", "unknown form", "its forms are"),
        ("as: date", "as: dat", "unknown type", "dat"),
        ("(longer|a bit longer)", "(longer|a bit longer", "frame", "missing"),
        ("where: row.id == args.loan_id", "where: open(1)", "expression", "not allowed"),
        ("type: title", "type: titel", "unknown type", "titel"),
        ("needs: {}", "needs: {loan.pages: 3}", "needs", "loan.pages"),
        ("say:", "say:\n  hum: [x]", "unknown act", "hum"),
        ("thanks: [Thanks so much!, \"Great, thank you.\"]", "", "frames", "thanks has no frames"),
        ("  start: {next: ask}", "", "flow", "start"),
        ("type: object", "type: objct", "schema", "not a JSON Schema"),
        ("loan_id: {type: string}", "loan_id: {$ref: 'http://example.com/x'}", "schema", "same schema"),
        ("weight: 1, verbosity", "weight: 0, verbosity", "weights", "all weights are 0"),
        ("{date: =now, plus: [1, 9]}", "{date: =now, plus: [9, 1]}", "value", "low, high"),
    ],
)  # fmt: skip
def test_every_flaw_has_file_line_and_rule(write_pack, old, new, rule, told):
    path = write_pack(old, new)
    with pytest.raises(PackError, match=told) as error:
        load_pack(path)
    assert error.value.file == str(path)
    assert error.value.rule == rule
    assert error.value.line >= 1
    assert "\n" not in error.value.message


def test_the_line_is_the_line(write_pack):
    path = write_pack("agent: renewed", "agent: renewd")
    lines = path.read_text().splitlines()
    with pytest.raises(PackError) as error:
        load_pack(path)
    assert "renewd" in lines[error.value.line - 1]


def test_includes_merge_and_errors_name_the_included_file(write_pack):
    path = write_pack("greetings:", "include: [more/*.yaml]\ngreetings:")
    folder = path.parent / "more"
    folder.mkdir()
    (folder / "say.yaml").write_text('say:\n  bye:\n    - "So long!"\n')
    pack = load_pack(path)
    assert [frame.text for frame in pack.acts["bye"].frames][-1] == "So long!"
    (folder / "say.yaml").write_text('say:\n  bye:\n    - "So long {x}!"\n')
    with pytest.raises(PackError) as error:
        load_pack(path)
    assert (error.value.file, error.value.line) == (str(folder / "say.yaml"), 3)


@pytest.mark.parametrize("name", ["../secret.yaml", "/etc/passwd", "none/*.yaml", "", "link.yaml"])
def test_includes_stay_in_the_folder(write_pack, tmp_path_factory, name):
    path = write_pack("greetings:", f"include: ['{name}']\ngreetings:")
    outside = tmp_path_factory.mktemp("outside") / "x.yaml"
    outside.write_text("say: {}\n")
    (path.parent / "link.yaml").symlink_to(outside)
    with pytest.raises(PackError) as error:
        load_pack(path)
    assert error.value.rule == "include"


def test_shared_banks_skip_what_the_pack_does_not_say(write_pack):
    pack = load_pack(write_pack("greetings:", "include: [shared/*.yaml]\ngreetings:"))
    assert len(pack.acts["bye"].frames) > 2
    assert "no_more" not in pack.acts


def test_an_entry_is_declared_once(write_pack):
    path = write_pack("greetings:", "include: [more.yaml]\ngreetings:")
    (path.parent / "more.yaml").write_text("goals:\n  renew: {wants: x}\n")
    with pytest.raises(PackError, match="declared twice") as error:
        load_pack(path)
    assert error.value.file.endswith("more.yaml")


def test_a_pack_travels_between_processes(library, start):
    again = pickle.loads(pickle.dumps(library))  # noqa: S301 - our own bytes
    assert again.digest == library.digest
    assert play(again, 1, 2, start) == play(library, 1, 2, start)


def test_the_digest_changes_with_the_text(write_pack, library):
    assert load_pack(write_pack("Walden", "Walden Two")).digest != library.digest


def test_importing_the_room_is_cheap():
    code = "import sys, synth_sdk.dialogue; print([m for m in ('yaml', 'faker', 'jsonschema', 'synth_sdk.dialogue.playing.player') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
