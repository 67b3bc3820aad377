"""Scenarios: what is read, what is refused and how, and that sessions follow them."""

from collections import Counter, defaultdict
from itertools import pairwise

import numpy as np
import pytest
import yaml

from synth_sdk.core.errors import RequestError, UnknownName
from synth_sdk.core.spec import make_spec
from synth_sdk.generators.events.generator import EventsGenerator
from synth_sdk.generators.events.reading import built_in, checked, load_scenario
from synth_sdk.generators.events.scenario import END
from synth_sdk.generators.events.script import play

TICKETS = {
    "gap": "5s",
    "start": "opened",
    "first": "registered",
    "session": {"channel": {"enum": ["mail", "chat"]}},
    "subject": {"price": {"type": "number", "minimum": 1, "maximum": 9, "decimals": 2}},
    "states": {
        "registered": {"next": "opened"},
        "opened": {"next": {"item": 3, "closed": 1}, "payload": {"channel": "session.channel"}},
        "item": {
            "subject": "new",
            "next": {"item": 1, "closed": 1},
            "payload": {"price": "subject.price", "units": {"enum": [1, 2, 3]}, "amount": {"product": ["units", "price"]}},
        },
        "closed": {"payload": {"channel": "session.channel", "items": {"count": "item"}, "total": {"sum": "item.amount"}}},
    },
}


def made(count, seed=1, scenario=None, **constraints):
    options = {"scenario": scenario} if isinstance(scenario, dict) else None
    constraints |= {"scenario": scenario} if isinstance(scenario, str) else {}
    constraints = {key: str(value) for key, value in constraints.items()}
    generator = EventsGenerator(make_spec(kind="events", count=count, seed=seed, constraints=constraints, options=options))
    return generator, list(generator.batch(range(count)).records())


def sessions_of(records):
    found = defaultdict(list)
    for record in records:
        found[record["session_id"]].append(record)
    return found


def edited(**changes):
    document = yaml.safe_load(yaml.safe_dump(TICKETS))
    for path, value in changes.items():
        *above, last = path.split("__")
        place = document
        for step in above:
            place = place[step]
        place[last] = value
    return document


@pytest.mark.parametrize("name", ["iot_fleet", "payments", "saas_app", "server_auth", "web_shop"])
def test_sessions_of_built_in_scenarios_follow_them(name):
    assert name in built_in()
    generator, records = made(20_000, scenario=name, sessions=200, opening="whole")
    scenario = generator.scenario
    start = {scenario.nodes[at].type for at, _ in scenario.start} | {scenario.nodes[scenario.first].type}
    after = defaultdict(set)
    for node in scenario.nodes:
        after[node.type] |= {scenario.nodes[to].type for to, _ in node.moves if to != END}
    after[scenario.nodes[scenario.first].type] |= {to for at, _ in scenario.start for to in after[scenario.nodes[at].type]}
    for session in sessions_of(records).values():
        types = [record["event_type"] for record in session]
        assert types[0] in start
        assert all(second in after[first] for first, second in pairwise(types))
        assert len({record["user_id"] for record in session}) == 1
    assert {record["event_type"] for record in records} >= {node.type for node in scenario.nodes if node.name not in _RARE}


_RARE = {"merchant_onboarded", "sign_up", "provisioned", "account_created", "dispute_closed", "payout_failed", "onboarding_step"}


def test_transitions_have_the_odds_that_the_scenario_gives():
    generator, records = made(120_000, scenario="web_shop", sessions=100)
    seen = Counter(
        pair for session in sessions_of(records).values() for pair in pairwise(record["event_type"] for record in session)
    )
    node = next(node for node in generator.scenario.nodes if node.name == "payment")
    total = sum(number for (first, _), number in seen.items() if first == "payment")
    assert abs(seen["payment", "purchase"] / total - 0.9) < 0.03
    assert sum(weight for _, weight in node.moves) == 100


def test_the_sessions_of_a_user_never_overlap_and_sign_ups_come_first():
    _, records = made(60_000, users=600, sessions=60, scenario="web_shop")
    by_user = defaultdict(list)
    for record in records:
        by_user[record["user_id"]].append(record)
    again = 0
    for events in by_user.values():
        order = [record["session_id"] for record in events]
        runs = [session for place, session in enumerate(order) if not place or order[place - 1] != session]
        assert len(runs) == len(set(runs))
        assert all(record["event_type"] != "sign_up" for record in events[1:])
        again += len(runs) > 1
    assert again > 300
    assert any(events[0]["event_type"] == "sign_up" for events in by_user.values())


def test_users_come_and_go():
    scenario = edited(lifetime="10m")
    _, records = made(200_000, scenario=scenario, users=200)
    first, last = ({record["user_id"] for record in part} for part in (records[:20_000], records[-20_000:]))
    assert 100 < len(first) < 700
    assert not first & last
    assert "registered" in Counter(record["event_type"] for record in records)


def test_payloads_of_a_session_agree():
    _, records = made(30_000, scenario=TICKETS, sessions=50, opening="whole")
    closed = 0
    for session in sessions_of(records).values():
        assert len({record["metadata"]["channel"] for record in session if "channel" in record["metadata"]}) <= 1
        items = [record["metadata"] for record in session if record["event_type"] == "item"]
        for item in items:
            assert item["amount"] == pytest.approx(item["units"] * item["price"])
        if session[-1]["event_type"] == "closed":
            closed += 1
            told = session[-1]["metadata"]
            assert told["items"] == len(items)
            assert told["total"] == pytest.approx(sum(item["amount"] for item in items))
    assert closed > 3000


def test_the_product_that_is_bought_is_the_one_that_was_looked_at():
    _, records = made(40_000, scenario="web_shop", sessions=50, opening="whole")
    bought = 0
    for session in sessions_of(records).values():
        for before, record in pairwise(session):
            if record["event_type"] == "add_to_cart" and before["event_type"] == "product_view":
                assert record["metadata"]["product_id"] == before["metadata"]["product_id"]
                assert record["metadata"]["price"] == before["metadata"]["price"]
                bought += 1
    assert bought > 300


def test_chapters_are_whole_sessions():
    scenario = load_scenario("web_shop")
    script = play(scenario, 3)
    node = script.node.reshape(script.chapters, script.length)
    ends = {at for at, each in enumerate(scenario.nodes) if any(to == END for to, _ in each.moves)}
    assert set(np.unique(node[:, -1]).tolist()) <= ends
    assert set(np.unique(node[:, 0]).tolist()) <= {at for at, _ in scenario.start}
    assert (script.sessions == script.session.reshape(node.shape)[:, -1] + 1).all()
    begins = script.begin.reshape(node.shape) == np.arange(script.length)
    assert (begins.sum(axis=1) == script.sessions).all()


def test_sessions_of_odd_lengths_fit_too():
    three = {"gap": "1s", "start": "a", "states": {"a": {"next": "b"}, "b": {"next": "c"}, "c": {}}}
    script = play(checked(three, "three"), 0)
    assert script.length % 3 == 0
    assert script.node[:6].tolist() == [0, 1, 2, 0, 1, 2]


@pytest.mark.parametrize(
    ("document", "told"),
    [
        ([], "at /states: a scenario is a mapping"),
        (edited(stats=1), "at /stats: unknown key 'stats': did you mean states?"),
        (edited(states__opened__nxt={}), "at /states/opened/nxt: unknown key 'nxt': did you mean next?"),
        (edited(states__opened__next={"itm": 1}), "at /states/opened/next/itm: unknown state 'itm': did you mean item?"),
        (edited(states__opened__next={"item": -1}), "at /states/opened/next/item: the weight -1 must be a number above 0"),
        (edited(states__opened__next={}), "at /states/opened/next: must be a mapping of states to weights"),
        (edited(start="end"), "at /start/end: unknown state 'end'"),
        (edited(first="nobody"), "at /first: unknown state 'nobody'"),
        (edited(gap="soon"), "at /gap: gap 'soon': write a duration"),
        (edited(prefix="a b"), "at /prefix: 'a b' must be 1 to 16 letters or digits"),
        (edited(states__lost={"next": "end"}), "at /states/lost: no session ever comes to 'lost'"),
        (edited(states__closed__next="closed"), "from 'closed' no session ever ends"),
        (edited(states__closed__payload={"c": "session.chanel"}), "unknown property 'session.chanel': did you mean channel?"),
        (edited(states__closed__payload={"c": "strin"}), "/states/closed/payload/c"),
        (edited(states__closed__payload={"t": {"sum": "itm.amount"}}), "unknown event type 'itm'"),
        (edited(states__closed__payload={"t": {"sum": "item.kind"}}), "'item' has no field 'kind'"),
        (edited(states__item__payload__amount={"product": ["price", "channel"]}), "'item' has no field 'channel'"),
        (edited(states__closed__payload={"price": "string"}), "'price' is of type number here and string in 'closed'"),
        (edited(states__opened__subject="old"), "at /states/opened/subject: 'old': write new, or leave it out"),
        (edited(states__closed__next={"opened": 1e8, "end": 1e-8}), "sessions hardly ever end"),
    ],
)
def test_flaws_are_told_with_their_place(document, told):
    with pytest.raises(RequestError) as caught:
        checked(document, "mine")
    assert caught.value.message.startswith("scenario mine: at /")
    assert told in caught.value.message


def test_scenarios_come_from_files(tmp_path):
    path = tmp_path / "tickets.yaml"
    path.write_text(yaml.safe_dump(TICKETS))
    assert sorted(load_scenario(str(path)).types) == ["closed", "item", "opened", "registered"]
    with pytest.raises(RequestError, match=r"scenario file .*missing.yaml' can't be read"):
        load_scenario(str(tmp_path / "missing.yaml"))
    with pytest.raises(UnknownName, match="did you mean payments"):
        load_scenario("paymets")
