"""The domain patterns: usable as they are, and what is made of them holds together."""

import sqlite3
import statistics
from collections import Counter
from decimal import Decimal
from functools import cache
from itertools import pairwise

import pytest

from synth_sdk import Synth
from synth_sdk.client.schemas import check_schema
from synth_sdk.core.errors import RequestError, UnknownName
from synth_sdk.schema import patterns
from synth_sdk.schema.annotations import KEYWORD, read_annotation
from synth_sdk.schema.patterns import find_document
from synth_sdk.schema.tables import parse_tables

NAMES = patterns.names()
ROWS = 1000
IN_ORDER = {
    "ecommerce.orders": ["checked_out_at", "shipped_at", "delivered_at"],
    "ecommerce.reviews": ["delivered_at", "posted_at"],
    "ecommerce.carts": ["created_at", "abandoned_at"],
    "finance.card_transactions": ["authorised_at", "posted_on"],
    "finance.transfers": ["initiated_at", "settled_on"],
    "finance.wires": ["initiated_at", "credited_on"],
    "healthcare.lab_results": ["collected_on", "resulted_on"],
    "healthcare.claims": ["service_date", "submitted_on"],
    "logistics.shipments": ["ordered_at", "confirmed_at", "gate_in_at", "shipped_at", "arrival_at"],
    "logistics.deliveries": ["arrival_at", "delivered_at"],
    "saas.users": ["signed_up_at", "joined_at"],
    "saas.invoices": ["issued_on", "paid_on"],
    "saas.tickets": ["opened_at", "resolved_at"],
}
LATER_TABLES = [  # what happens in the one lies before what happens in the other
    ("ecommerce.customers", "joined_at", "ecommerce.orders", "checked_out_at"),
    ("healthcare.patients", "registered_on", "healthcare.encounters", "visit_date"),
    ("finance.customers", "joined_on", "finance.accounts", "opened_on"),
    ("finance.accounts", "opened_on", "finance.cards", "issued_on"),
    ("finance.cards", "issued_on", "finance.card_transactions", "authorised_at"),
    ("logistics.shippers", "customer_since", "logistics.shipments", "ordered_at"),
    ("saas.accounts", "signed_up_at", "saas.subscriptions", "started_on"),
    ("saas.subscriptions", "started_on", "saas.invoices", "issued_on"),
    ("saas.subscriptions", "started_on", "saas.usage_daily", "day"),
]


@cache
def made(name):
    return Synth().generate("json", schema=name, count=ROWS, seed=3).tables


@cache
def declared(name):
    return parse_tables(patterns.of_name(name))


def columns(name):
    """Each column of a pattern's tables: table, name, schema, values."""
    for table in declared(name):
        rows = made(name)[table.name]
        for column, schema in table.schema.document["properties"].items():
            yield table, column, schema, [row[column] for row in rows]


def test_the_five_domains_with_six_to_ten_tables_each():
    assert NAMES == ["ecommerce", "finance", "healthcare", "logistics", "saas"]
    assert all(6 <= len(declared(name).tables) <= 10 for name in NAMES)
    assert all(patterns.about(name).endswith(".") for name in NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_the_check_finds_nothing(name):
    assert check_schema(name) == []


@pytest.mark.parametrize("name", NAMES)
def test_each_table_can_be_made_alone(name):
    for table in declared(name):
        assert [found for found in check_schema(f"{name}.{table.name}") if found.level != "info"] == []
        count = min(table.count or 30, 30)
        rows = Synth().generate("json", schema=f"{name}.{table.name}", count=count).records
        assert [list(row) for row in rows] == [list(table.schema.document["properties"])] * count


def test_keys_of_a_table_alone_are_plain_ids_within_the_rows_of_the_other():
    items = Synth().generate("json", schema="ecommerce.order_items", count=400).records
    assert {type(row["product_id"]) for row in items} == {int}
    assert 1 <= min(row["product_id"] for row in items) <= max(row["product_id"] for row in items) <= 120
    carts = Synth().generate("json", schema="ecommerce.carts", count=400).records
    assert 0.4 < sum(row["customer_id"] is None for row in carts) / 400 < 0.7


@pytest.mark.parametrize("name", NAMES)
def test_foreign_keys_lead_to_one_row_that_has_all_the_copied_values(name):
    tables = made(name)
    for table in declared(name):
        for role in {(key.table, key.role) for key in table.foreign_keys}:
            keys = [key for key in table.foreign_keys if (key.table, key.role) == role]
            known = {tuple(row[key.column] for key in keys) for row in tables[role[0]]}
            copies = {tuple(row[key.name] for key in keys) for row in tables[table.name]}
            assert {copy for copy in copies if None not in copy} <= known


@pytest.mark.parametrize("name", NAMES)
def test_sqlite_loads_it_with_every_key_enforced(name, tmp_path):
    Synth().write(str(tmp_path / "all.sql"), "json", schema=name, count=100)
    base = sqlite3.connect(":memory:")
    base.execute("PRAGMA foreign_keys = ON")
    base.executescript((tmp_path / "all.sql").read_text("utf-8"))
    keys = [row for table in declared(name) for row in base.execute(f'PRAGMA foreign_key_list("{table.name}")')]
    assert base.execute("PRAGMA foreign_key_check").fetchall() == []
    assert len(keys) >= len(declared(name).tables) - 3
    base.close()


@pytest.mark.parametrize("place", IN_ORDER)
def test_moments_come_in_order(place):
    name, table = place.split(".")
    for row in made(name)[table]:
        told = [row[column] for column in IN_ORDER[place] if row[column] is not None]
        assert all(earlier[: len(later)] <= later for earlier, later in pairwise(told)), row


@pytest.mark.parametrize(("before", "early", "after", "late"), LATER_TABLES)
def test_what_comes_later_lies_in_a_later_time(before, early, after, late):
    (name, parents), (_, children) = before.split("."), after.split(".")
    assert max(row[early] for row in made(name)[parents]) < min(row[late] for row in made(name)[children])


@pytest.mark.parametrize("name", NAMES)
def test_shares_are_those_that_are_annotated(name):
    judged = 0
    for _, _, schema, values in columns(name):
        note = read_annotation(schema) if KEYWORD in schema else None
        if note is None or note.ref or len(values) < 900:
            continue
        if note.null_rate is not None:
            assert sum(value is None for value in values) / len(values) == pytest.approx(note.null_rate, abs=0.05)
            judged += 1
        known = note.words or tuple(value for value in schema.get("enum", ()) if value is not None)
        if note.weights and known and not note.unique:
            present = Counter(value for value in values if value is not None)
            total, weights = sum(present.values()), dict(zip(known, note.weights, strict=False))
            assert set(present) <= set(known)
            for value, weight in weights.items():
                assert present[value] / total == pytest.approx(weight / sum(note.weights), abs=0.05)
            judged += 1
    assert judged >= 8


@pytest.mark.parametrize("name", NAMES)
def test_spreads_are_those_that_are_annotated(name):
    judged = 0
    for _, column, schema, values in columns(name):
        note = read_annotation(schema) if KEYWORD in schema else None
        if note is None or note.distribution is None or len(values) < 900:
            continue
        kind, typical = note.distribution.kind, statistics.median(values)
        if kind == "lognormal":
            assert typical == pytest.approx(note.distribution["median"], rel=0.15, abs=schema.get("multipleOf", 0) / 2), column
        elif kind == "normal":
            assert typical == pytest.approx(note.distribution["mean"], abs=note.distribution["sd"] / 3), column
        elif kind == "exponential":
            assert typical == pytest.approx(note.distribution["mean"] * 0.69, rel=0.25, abs=0.75), column
        assert schema["minimum"] <= min(values) <= max(values) <= schema["maximum"]
        judged += 1
    assert judged >= 3


@pytest.mark.parametrize("name", NAMES)
def test_what_must_be_unique_is(name):
    unique = [values for _, _, schema, values in columns(name) if schema.get(KEYWORD, {}).get("unique")]
    assert len(unique) >= 8
    assert all(len(set(values)) == len(values) for values in unique)


@pytest.mark.parametrize("name", NAMES)
def test_some_texts_are_edge_cases(name):
    strange = [
        value
        for _, _, schema, values in columns(name)
        if schema.get(KEYWORD, {}).get("edge_cases")
        for value in values
        if value is not None and (not value.isascii() or value != value.strip() or "<" in value)
    ]
    assert strange


def test_a_lines_total_is_its_price_times_its_quantity():
    for name, table in (("ecommerce", "order_items"), ("ecommerce", "carts"), ("saas", "invoice_items")):
        assert all(row["total"] == row["unit_price"] * row["quantity"] for row in made(name)[table])


TOTALS = [  # of a parent: the column, the children, their key, what they are summed up by
    ("ecommerce.orders.item_count", "order_items.order_id", "quantity"),
    ("ecommerce.orders.subtotal", "order_items.order_id", "total"),
    ("saas.invoices.items_total", "invoice_items.invoice_id", "total"),
    ("logistics.shipments.packages", "containers.shipment_id", "packages"),
    ("logistics.shipments.gross_weight_kg", "containers.shipment_id", "gross_weight_kg"),
    ("logistics.shipments.container_count", "containers.shipment_id", None),
    ("healthcare.claims.billed_amount", "claim_lines.claim_id", "charge"),
    ("finance.cards.transaction_count", "card_transactions.card_id", None),
]


@pytest.mark.parametrize(("total", "key", "part"), TOTALS)
def test_totals_are_the_sums_of_their_parts(total, key, part):
    (name, parents, column), (children, key) = total.split("."), key.split(".")
    sums = Counter()
    for row in made(name)[children]:
        sums[row[key]] += Decimal(repr(row[part])) if part else 1
    assert all(Decimal(repr(row[column])) == sums[row["id"]] for row in made(name)[parents])
    assert len({row[column] for row in made(name)[parents]}) > 2


FORMULAS = [
    ("ecommerce.orders", "total", lambda row: row["subtotal"] + row["shipping_fee"]),
    ("ecommerce.order_items", "total", lambda row: row["unit_price"] * row["quantity"]),
    ("saas.invoices", "total", lambda row: row["plan_fee"] + row["items_total"]),
    ("logistics.containers", "gross_weight_kg", lambda row: row["net_weight_kg"] + row["tare_weight_kg"]),
    ("healthcare.claim_lines", "charge", lambda row: row["units"] * row["unit_charge"]),
    ("finance.accounts", "available_balance", lambda row: row["balance"] + row["overdraft_limit"]),
    ("finance.loans", "total_repayable", lambda row: row["monthly_payment"] * row["term_months"]),
]


@pytest.mark.parametrize(("table", "column", "told"), FORMULAS, ids=lambda one: one if isinstance(one, str) else "")
def test_what_a_row_adds_up_to(table, column, told):
    name, table = table.split(".")
    for row in made(name)[table]:
        exact = {key: Decimal(repr(value)) if type(value) in (int, float) else value for key, value in row.items()}
        assert exact[column] == told(exact)


def test_a_card_was_last_used_at_its_last_transaction():
    last = {}
    for row in made("finance")["card_transactions"]:
        last[row["card_id"]] = max(last.get(row["card_id"], ""), row["authorised_at"])
    assert all(row["last_used_at"] == last.get(row["id"]) for row in made("finance")["cards"])


def test_only_what_was_returned_has_a_reason():
    items = made("ecommerce")["order_items"]
    assert all(row["returned"] == bool(row["return_reason"]) for row in items)


def test_loans_are_annuities():
    for row in made("finance")["loans"]:
        rate = row["annual_rate_pct"] / 1200
        assert row["monthly_payment"] == pytest.approx(
            row["principal"] * rate / (1 - (1 + rate) ** -row["term_months"]), abs=0.005
        )


def test_a_declined_payment_says_why():
    assert {row["response"] for row in made("finance")["card_transactions"] if row["response_code"] == "00"} == {"approved"}
    assert "approved" not in {row["response"] for row in made("finance")["card_transactions"] if row["response_code"] != "00"}


def test_a_card_payment_fits_its_merchant():
    merchants = {row["id"]: row for row in made("finance")["merchants"]}
    by_category: dict[str, list[float]] = {}
    for row in made("finance")["card_transactions"]:
        merchant = merchants[row["merchant_id"]]
        assert (row["mcc"], row["online"], row["average_ticket"]) == (
            merchant["mcc"],
            merchant["online"],
            merchant["average_ticket"],
        )
        assert row["entry_mode"] in (
            ("online", "wallet") if row["online"] else ("contactless", "chip", "wallet", "magnetic stripe")
        )
        by_category.setdefault(merchant["mcc"], []).append(row["amount"])
    assert max(by_category["5814"]) < 100  # fast food
    assert statistics.median(by_category["5732"]) > 3 * statistics.median(by_category["5814"])  # electronics


def test_a_transfer_is_of_the_size_and_direction_of_its_purpose():
    rows = made("finance")["transfers"]
    assert all(600 < row["amount"] < 4000 for row in rows if row["purpose"] == "rent")
    assert {row["direction"] for row in rows if row["purpose"] == "refund"} == {"incoming"}


def test_claims_ask_for_more_than_is_paid_at_the_desk():
    assert all(row["copay"] <= row["billed_amount"] for row in made("healthcare")["claims"])


def test_men_are_taller_than_women():
    height = {
        sex: statistics.mean(row["height_cm"] for row in made("healthcare")["patients"] if row["sex"] == sex)
        for sex in ("female", "male")
    }
    assert 10 < height["male"] - height["female"] < 18


def test_shippers_ship_what_they_deal_in():
    industries = {row["id"]: row["industry"] for row in made("logistics")["shippers"]}
    dealt: dict[str, set[str]] = {}
    for row in made("logistics")["shipments"]:
        assert row["industry"] == industries[row["shipper_id"]]
        dealt.setdefault(row["commodity"], set()).add(row["industry"])
    assert all(len(found) == 1 for found in dealt.values())


def test_only_late_voyages_are_late_for_a_reason():
    assert all((row["delay_hours"] == 0) == (row["delay_reason"] == "none") for row in made("logistics")["voyages"])


def test_a_container_holds_no_more_than_goes_in():
    assert all(row["packages"] <= 11 for row in made("logistics")["containers"] if row["package_type"] == "pallets")


def test_an_hour_of_onboarding_is_dearer_than_a_seat():
    prices = {row["description"]: row["unit_price"] for row in made("saas")["invoice_items"]}
    assert prices["Onboarding hours"] > 4 * prices["Additional seats"]


def test_patients_and_customers_were_of_age_when_they_came():
    for rows, came in ((made("healthcare")["patients"], "registered_on"), (made("finance")["customers"], "joined_on")):
        assert all(int(row[came][:4]) - int(row["birth_date"][:4]) >= 18 for row in rows)


def test_pressure_of_the_heart_is_above_that_at_rest():
    assert all(row["systolic_mmhg"] > row["diastolic_mmhg"] for row in made("healthcare")["vitals"])


CHAPTERS = [  # of ICD-10-CM: the first and the last category
    ("A00", "B99", "Certain infectious and parasitic diseases"),
    ("D50", "D89", "Diseases of the blood and blood-forming organs and certain disorders involving the immune mechanism"),
    ("E00", "E89", "Endocrine, nutritional and metabolic diseases"),
    ("F01", "F99", "Mental, Behavioral and Neurodevelopmental disorders"),
    ("G00", "G99", "Diseases of the nervous system"),
    ("H60", "H95", "Diseases of the ear and mastoid process"),
    ("I00", "I99", "Diseases of the circulatory system"),
    ("J00", "J99", "Diseases of the respiratory system"),
    ("K00", "K95", "Diseases of the digestive system"),
    ("L00", "L99", "Diseases of the skin and subcutaneous tissue"),
    ("M00", "M99", "Diseases of the musculoskeletal system and connective tissue"),
    ("N00", "N99", "Diseases of the genitourinary system"),
]


def test_every_diagnosis_stands_in_the_chapter_of_its_code():
    seen = {(row["icd10_code"], row["chapter"]) for row in made("healthcare")["diagnoses"]}
    assert len(seen) == 22
    for code, chapter in seen:
        assert [told for first, last, told in CHAPTERS if first <= code[:3] <= last] == [chapter]


def test_a_prescription_is_for_its_diagnosis():
    diagnoses = {row["id"]: row for row in made("healthcare")["diagnoses"]}
    for row in made("healthcare")["prescriptions"]:
        assert (row["medication"], row["icd10_code"]) == (
            diagnoses[row["diagnosis_id"]]["treatment"],
            diagnoses[row["diagnosis_id"]]["icd10_code"],
        )


def test_a_lane_joins_two_ports_of_the_list():
    ports = {row["code"]: row["name"] for row in made("logistics")["ports"]}
    assert len(ports) == 12
    for row in made("logistics")["lanes"]:
        assert row["code"] == f"{row['origin_port']}-{row['destination_port']}"
        assert (ports[row["origin_port"]], ports[row["destination_port"]]) == (row["origin"], row["destination"])
        assert row["origin_port"] != row["destination_port"]


def test_an_invoice_asks_for_the_price_of_the_plan():
    prices = {row["code"]: row["monthly_price"] for row in made("saas")["plans"]}
    assert all(row["plan_fee"] == prices[row["plan_code"]] for row in made("saas")["invoices"])


def test_currencies_are_those_of_iso_4217():
    official = {"USD": "840", "EUR": "978", "GBP": "826", "JPY": "392", "CHF": "756", "CAD": "124", "AUD": "036", "SEK": "752", "INR": "356", "MXN": "484", "BRL": "986", "SGD": "702"}  # fmt: skip
    assert {row["code"]: row["numeric_code"] for row in made("finance")["currencies"]} == official


# By name


def test_a_file_of_that_name_wins(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "finance").write_text('{"amount": "number"}')
    assert find_document("finance") == {"amount": "number"}
    (tmp_path / "saas").mkdir()  # what was made of it, say
    assert "plans" in find_document("saas")["tables"]


def test_an_unknown_name_is_no_file_and_may_be_meant_for_a_pattern():
    with pytest.raises(
        RequestError, match=r"'ecomerce' can't be read: No such file or directory; or did you mean the pattern ecommerce\?"
    ):
        find_document("ecomerce")
    with pytest.raises(RequestError, match=r"'nothing.json' can't be read: No such file or directory$"):
        find_document("nothing.json")
    with pytest.raises(UnknownName, match="unknown table of ecommerce 'cusomers': did you mean customers"):
        find_document("ecommerce.cusomers")
    with pytest.raises(UnknownName, match="unknown pattern 'healtcare': did you mean healthcare"):
        patterns.text_of("healtcare")
