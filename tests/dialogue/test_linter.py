import pytest

from synth_sdk.dialogue import builtin_packs, lint, load_pack
from synth_sdk.dialogue.linter import predicted_templated_rate


def errors(pack, level="error"):
    return [finding for finding in lint(pack) if finding.level == level]


def test_the_documented_example_is_clean(library):
    assert [finding for finding in lint(library) if finding.level != "info"] == []


@pytest.mark.parametrize(
    ("old", "new", "rule", "told"),
    [
        ("  bye: {agent: bye, next: end}", "  bye: {agent: bye, next: thanks}", "flow", "does not lead to the end"),
        ("  bye: {agent: bye, next: end}", "  bye: {agent: bye, next: end}\n  lost: {agent: bye, next: end}", "flow", "never reached"),
        ("next: thanks}", "next: bye}", "roles", "may have spoken just before"),
        ("  start: {next: ask}", "  start: {next: tell}", "roles", "may have spoken"),
        ("renewed: [\"Done,", "renewed: [\"Done on March 3,", "source", "date 03-03"),
        ("save: result, ", "", "slots", "undefined wherever"),
        ("ask_renewal, set: {known.loan: =loan.id}", "ask_renewal, set: {known.x: =loan.id}", "slots", "loan"),
        ("  bye: {agent: good-bye, frames: 2}", "  bye: {agent: good-bye, frames: 9}", "frames", "wanted are 9"),
        ("Happy reading.]", "Enjoy the book]", "frames", "same frame"),
        ("success: loan.renewed", "success: loan.lost", "goals", "never succeeded"),
        ("acts:\n", "acts:\n  hum: {user: hums, frames: 1}\n", "acts", "never said"),
    ],
)  # fmt: skip
def test_findings(write_pack, old, new, rule, told):
    path = write_pack(old, new)
    if told == "never said":
        path.write_text(path.read_text().replace("say:", "say:\n  hum: [Hm.]", 1))
    findings = lint(load_pack(path))
    match = [finding for finding in findings if finding.rule == rule and told in finding.message]
    assert match, findings
    assert match[0].line >= 1
    assert str(match[0]).endswith(f"[{rule}]")


@pytest.mark.parametrize("name", builtin_packs())
def test_built_in_packs_have_no_errors(name):
    assert errors(load_pack(name)) == []


def test_the_predicted_rate_falls_with_frames_and_with_alternatives(write_pack):
    def rate(old, new):
        return predicted_templated_rate(load_pack(write_pack(old, new)))

    few = rate("Done, {book} is yours until {due}.", "Done now, and {book} is yours until {due}.")
    alternatives = rate(
        "Done, {book} is yours",
        "(Done|Well|So|Good|Fine|Right), (now |then |again |)(you may keep |keep |enjoy |here is )[the book ]{book}, yours",
    )
    assert 0 <= alternatives < few <= 1


def test_a_dotted_name_that_was_set_to_a_constant_is_known(write_pack):
    path = write_pack(
        "  start: {next: ask}",
        "  start: {next: note}\n  note: {set: {known.hint: title}, next: {ask: {if: \"known.hint == 'title'\"}, lost: {if: \"known.hint == 'author'\"}}}\n"
        "  lost: {user: thanks, next: bye}",
    )
    assert [finding.message for finding in lint(load_pack(path)) if finding.rule == "flow"] == ["flow.lost is never reached"]
