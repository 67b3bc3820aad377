"""Messages name the value, the rule and the way out."""

from synth_sdk.core.errors import PackError, SchemaError, UnknownName, nearest


def test_nearest_ignores_case_and_offers_the_best_first():
    assert nearest("Customer_suport", ["code_assistant", "customer_support"])[0] == "customer_support"
    assert nearest("zzz", ["abc"]) == []


def test_an_unknown_name_without_neighbours_lists_all():
    assert "choose one of: alpha, beta" in UnknownName("pack", "zzzz", ["beta", "alpha"]).message


def test_places_stand_in_the_message():
    assert PackError("slot", file="p.yaml", line=3, rule="slots").message == "p.yaml:3: slot [slots]"
    assert SchemaError("bad", pointer="/a", keyword="minimum").message == "schema: bad (at /a, keyword 'minimum')"
