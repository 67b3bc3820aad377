from synth_sdk.dialogue import load_pack
from synth_sdk.dialogue.loading.commonness import plainness


def test_common_phrases_are_plainer_than_rare_ones():
    scores = plainness(
        {"thanks": ["Thank you so much", "Thank you for that", "Bless your cotton socks"], "bye": ["Thank you for calling"]}
    )
    assert scores["thanks"][2] == min(scores["thanks"]) < 0 < max(scores["thanks"])
    assert abs(sum(scores["thanks"])) < 0.01
    assert scores["bye"] == [0.0]


def test_slots_and_brackets_do_not_count_as_words():
    scores = plainness({"a": ["It is {x}", "It is {y|short}", "It (is) {z}"]})
    assert scores["a"] == [0.0, 0.0, 0.0]


def test_a_pack_may_pull_towards_the_plain(write_pack):
    plain = load_pack(write_pack("greetings:", "plainness: 1\ngreetings:"))
    even = load_pack(write_pack())
    assert {frame.weight for frame in even.acts["ask_renewal"].frames} == {1}
    assert len({frame.weight for frame in plain.acts["ask_renewal"].frames}) == 2
