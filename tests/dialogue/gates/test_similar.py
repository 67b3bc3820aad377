from synth_sdk.dialogue import near_duplicates, play


def talk(*turns):
    roles = ("user", "assistant")
    return {"messages": [{"role": roles[i % 2], "content": turn} for i, turn in enumerate(turns)]}


LATE = (
    "Hi, my lamp order AB-12345 hasn't come yet and it was due on Monday",
    "Sorry about that, let me see where it is stuck right now",
    "thanks",
    "Bye!",
)


def test_the_lower_index_wins():
    again = talk(LATE[0].replace("AB-12345", "ZZ-98765"), *LATE[1:])
    other = talk("Can I return a tent", "Sure, which order is it?", "PP12", "Label sent, bring it to any post office.")
    assert near_duplicates([talk(*LATE), other, again, talk(*LATE)]) == [2, 3]


def test_a_duplicate_of_a_duplicate_is_judged_against_accepted_ones_only():
    words = [f"word{chr(97 + i)}" for i in range(26)]
    first, middle, last = (talk(" ".join(words[i : i + 12])) for i in (0, 2, 4))
    assert near_duplicates([first, middle, last], threshold=0.6) == [1]


def test_the_threshold_is_the_callers():
    similar = talk(LATE[0], LATE[1], "great, that helps a lot", "Have a good day")
    assert near_duplicates([talk(*LATE), similar], threshold=0.95) == []
    assert near_duplicates([talk(*LATE), similar], threshold=0.5) == [1]


def test_offline_blocks_hold_none(support, start):
    for block in range(3):
        assert near_duplicates([play(support, 0, block * 64 + i, start) for i in range(64)]) == []


def test_empty_records_are_alike():
    assert near_duplicates([]) == []
    assert near_duplicates([{"messages": []}, {"messages": []}]) == [1]
