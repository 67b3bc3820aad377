import time

import pytest

from synth_sdk.dialogue import builtin_packs, lint, load_pack
from synth_sdk.dialogue.linting import paths
from synth_sdk.dialogue.linting.linter import lint_named
from synth_sdk.dialogue.linting.rules.sample import templated_rate


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
        ("success: loan.renewed", "success: loan.renewed, feasible: false", "goals", "is not feasible, and yet record 0"),
        ("acts:\n", "acts:\n  hum: {user: hums, frames: 1}\n", "unused", "acts.hum is never said"),
        ("types:\n", "types:\n  hue: {list: [red]}\n", "unused", "types.hue is used nowhere"),
        ("slots:\n", "slots:\n  hue: {is: =loan.hue}\n", "unused", "slots.hue is used nowhere"),
        ("tools:\n", "tools:\n  look: {description: x, parameters: {type: object}, returns: {}}\n", "unused", "tools.look is used nowhere"),
        ("  none: {weight: 1}", "  none: {weight: 1}\n  lost: {weight: 1}", "unused", "faults.lost is asked for by no condition"),
        ("  none: {weight: 1}", "  none: {weight: 1}\n  slow: {weight: 1, result: {error: x}}", "unused", "faults.slow hits no call"),
        ("  none: {weight: 1}", "  none: {weight: 1}\n  slow: {weight: 1, if: goal == 'x'}", "unused", "faults.slow fits no goal"),
        ("  none: {weight: 1}", "  none: {weight: 1}\n  slow: {weight: 0}", "unused", "faults.slow has weight 0"),
        ("next: renew}", "label: gone, next: renew}", "faults", "faults.gone never happened"),
        ("ask_renewal, set: {known.loan: =loan.id}", "ask_renewal, set: {known.x: =loan.id}", "arguments", "loan_id of renew_loan is empty when known.loan"),
        ("args: {loan_id: =known.loan}", "args: {loan_id: 7}", "arguments", "loan_id of renew_loan may not be 7"),
        ("Happy reading.]", "{t: Happy reading., if: goal == 'x'}]", "frames", "never holds"),
        ("thanks: [Thanks so much!, \"Great, thank you.\"]", "thanks: [{t: Thanks., if: loan.renewed}, {t: Hm., if: not loan.renewed}]", "slots", "every frame has a condition that may fail"),
        ("thanks: [Thanks so much!, \"Great, thank you.\"]", "thanks: [{t: Thanks., if: goal == 'x'}, {t: Hm., if: goal == 'y'}]", "slots", "no frame can be used"),
    ],
)  # fmt: skip
def test_findings(write_pack, old, new, rule, told):
    path = write_pack(old, new)
    if told == "faults.gone never happened":
        path.write_text(
            path.read_text()
            .replace("{weight: 1}", "{weight: 1}\n  gone: {weight: 1}", 1)
            .replace(
                "label: gone, next: renew}",
                "next: {renew: 1, lost: {w: 0.0001, if: fault == 'gone'}}}\n  lost: {label: gone, next: renew}",
            )
        )
    if told == "acts.hum is never said":
        path.write_text(path.read_text().replace("say:", "say:\n  hum: [Hm.]", 1))
    findings = lint(load_pack(path))
    match = [finding for finding in findings if finding.rule == rule and told in finding.message]
    assert match, findings
    assert match[0].line >= 1
    assert str(match[0]).endswith(f"[{rule}]")


@pytest.mark.slow
@pytest.mark.parametrize("name", builtin_packs())
def test_built_in_packs_have_no_errors(name):
    assert errors(load_pack(name)) == []


def test_the_templated_rate_is_that_of_skeletons_found_in_another_dialogue():
    def dialogue(name, item, extra):
        return [("user", f"Hello, my name is {name} and the {item} broke"), ("assistant", "Ok."), ("user", extra)]

    names, items = ["Ana", "Bo", "Cy", "Di", "Ed", "Flo"], ["lamp", "sofa", "desk", "vase", "sink", "door"]
    alike = [dialogue(name, item, "Thanks a lot for your help") for name, item in zip(names, items, strict=True)]
    assert templated_rate(alike) == 1.0
    assert templated_rate(alike[:1] * 1) == 0.0
    own = [
        dialogue(name, item, " ".join(f"{word}{i}" for word in ("so", "we", "part", "at", "last")))
        for i, (name, item) in enumerate(zip(names, items, strict=True))
    ]
    assert templated_rate(own) == 1.0  # nothing of the last turn is common: it is not counted
    assert templated_rate([]) == 0.0


def test_the_predicted_rate_is_told_and_falls_with_wordings(write_pack):
    def rate(old="", new=""):
        told = [finding.message for finding in lint(load_pack(write_pack(old, new))) if finding.rule == "templated"]
        return int(told[0].split("about ")[1].split("%")[0])

    many = "(Done|Well|So|Good|Fine|Right), (now |then |again |)(you may keep |keep |enjoy |here is )[the book ]{book}, yours"
    assert rate("Done, {book} is yours", many) < rate()


def test_a_pack_that_can_not_be_compiled_is_one_finding(write_pack):
    path = write_pack("agent: renewed", "agent: renewd")
    (finding,) = lint_named(str(path))
    assert (finding.level, finding.rule, finding.file) == ("error", "flow", str(path))
    assert finding.message.startswith("flow.tell: 'renewd' is not a declared act")
    assert finding.to_dict()["line"] == finding.line > 1


def test_a_condition_that_is_partly_settled_is_decided(write_pack):
    """`and` of something false and something unknown is false: the node behind it is never reached."""
    path = write_pack(
        "next: thanks}",
        "next: {thanks: 1, lost: {if: \"goal == 'other' and persona.patience > 0.5\"}, gone: {unless: \"goal == 'renew' or persona.patience > 0.5\"}}}\n"
        "  lost: {user: thanks, next: bye}\n  gone: {user: thanks, next: bye}",
    )
    assert [f.message for f in lint(load_pack(path)) if f.rule == "flow"] == [
        "flow.lost is never reached",
        "flow.gone is never reached",
    ]


def test_loops_by_design_are_fine_and_traps_are_not(write_pack):
    loop = write_pack(
        "next: thanks}", "max_visits: 2, exhausted: bye, next: {more: 1, thanks: 1}}\n  more: {user: thanks, next: tell}"
    )
    assert errors(load_pack(loop)) == []
    trap = write_pack("next: thanks}", "next: more}\n  more: {user: thanks, next: tell}", "trap.yaml")
    assert {f.rule for f in errors(load_pack(trap))} == {"flow"}


@pytest.mark.parametrize("most", [5_000, pytest.param(paths.MOST_POINTS, marks=pytest.mark.slow)])
def test_a_flow_of_too_many_states_is_refused_in_seconds(write_pack, monkeypatch, most):
    """Thirty flags that conditions read: 2 to the 30 states."""
    flags = [
        f"  n{i}: {{next: {{y{i}: 1, m{i}: 1}}}}\n  y{i}: {{set: {{f.a{i}: yes}}, next: m{i}}}\n  m{i}: {{next: n{i + 1}}}"
        for i in range(30)
    ]
    ends = ", ".join(f"ask{i}: {{if: \"f.a{i} == 'yes'\"}}" for i in range(30))
    asks = "\n".join(f"  ask{i}: {{next: ask}}" for i in range(30))
    nodes = "\n".join([*flags, f"  n30: {{next: {{{ends}, ask: 1}}}}", asks])
    monkeypatch.setattr(paths, "MOST_POINTS", most)
    began = time.process_time()
    (finding,) = lint(load_pack(write_pack("  start: {next: ask}", f"  start: {{next: n0}}\n{nodes}")))
    assert (finding.rule, finding.level) == ("flow", "error")
    assert f"more than {most} states" in finding.message
    assert time.process_time() - began < 30


def test_a_dotted_name_that_was_set_to_a_constant_is_known(write_pack):
    path = write_pack(
        "  start: {next: ask}",
        "  start: {next: note}\n  note: {set: {known.hint: title}, next: {ask: {if: \"known.hint == 'title'\"}, lost: {if: \"known.hint == 'author'\"}}}\n"
        "  lost: {user: thanks, next: bye}",
    )
    assert [finding.message for finding in lint(load_pack(path)) if finding.rule == "flow"] == ["flow.lost is never reached"]
