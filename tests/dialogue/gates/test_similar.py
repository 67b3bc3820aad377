from synth_sdk.core import similar
from synth_sdk.dialogue import play, spoken


def talk(*turns):
    roles = ("user", "assistant")
    return {"messages": [{"role": roles[i % 2], "content": turn} for i, turn in enumerate(turns)]}


def near_duplicates(records):
    return similar.near_duplicates([spoken(record) for record in records])


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


def test_only_what_is_said_counts():
    call = {"role": "assistant", "content": None, "tool_calls": []}
    result = {"role": "tool", "tool_call_id": "c", "content": "{}"}
    system = {"role": "system", "content": "You help."}
    record = talk(*LATE)
    assert spoken({"messages": [system, *record["messages"], call, result]}) == spoken(record) == "\n".join(LATE)


def test_offline_records_are_worth_keeping(support, start):
    """By their words no two are alike; by their meaning a few of the shortest may be."""
    assert len(near_duplicates([play(support, 0, index, start) for index in range(24)])) <= 1


def test_empty_records_are_alike():
    assert near_duplicates([]) == []
    assert near_duplicates([{"messages": []}, {"messages": []}]) == [1]
