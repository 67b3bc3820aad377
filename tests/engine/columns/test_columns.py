"""What single columns hold."""

import re
import uuid
from collections import Counter
from datetime import date, datetime
from statistics import mean, median

import pytest

from synth_sdk.core.errors import SchemaError
from synth_sdk.engine.columns import NotColumnarError
from tests.engine.columns.support import column, compiled, of


def test_uuids_are_version_4_and_unique() -> None:
    values = column({"type": "string", "format": "uuid"}, 2000)
    assert {uuid.UUID(value).version for value in values} == {4}
    assert len(set(values)) == 2000


def test_a_person_is_one_person() -> None:
    people = compiled(
        of(
            first_name={"type": "string"},
            last_name={"type": "string"},
            full_name={"type": "string"},
            email={"type": "string", "format": "email"},
        )
    )
    for one in people.batch(range(200)).records():
        assert one["full_name"] == f"{one['first_name']} {one['last_name']}"
        assert one["email"].startswith(re.sub(r"[^a-z]", "", one["first_name"].lower())[0])
        assert one["email"].split("@")[1] in ("example.com", "example.org", "example.net", "mail.example.com")


def test_a_postcode_lies_in_its_state() -> None:
    from faker.providers.address.en_US import Provider

    places = compiled(of(city={"type": "string"}, state_code={"type": "string"}, postcode={"type": "string"}))
    for one in places.batch(range(300)).records():
        low, high = Provider.states_postcode[one["state_code"]]
        assert re.fullmatch(r"\d{5}", one["postcode"])
        assert low <= int(one["postcode"]) <= high


def test_an_address_is_in_the_city_beside_it() -> None:
    document = of(city={"type": "string"}, address=of(street={"type": "string"}, city={"type": "string"}))
    assert all(one["city"] == one["address"]["city"] for one in compiled(document).batch(range(50)).records())


def test_items_are_about_others() -> None:
    document = of(name={"type": "string"}, guests={"type": "array", "minItems": 2, "items": of(first_name={"type": "string"})})
    records = compiled(document).batch(range(50)).records()
    assert sum(len({guest["first_name"] for guest in one["guests"]}) > 1 for one in records) > 40


def test_events_of_a_life_come_in_order() -> None:
    moments = of(
        **{
            name: {"type": "string", "format": "date-time"}
            for name in ("created_at", "updated_at", "shipped_at", "delivered_at", "expires_at")
        }
    )
    for one in compiled(moments).batch(range(100)).records():
        assert list(one.values()) == sorted(one.values())


def test_age_fits_the_birth_date() -> None:
    for one in compiled(of(birth_date={"type": "string", "format": "date"}, age={"type": "integer"})).batch(range(200)).records():
        born = date.fromisoformat(one["birth_date"])
        assert one["age"] == 2025 - born.year - ((born.month, born.day) > (1, 1))


def test_a_total_is_price_times_quantity() -> None:
    line = of(total={"type": "number"}, unit_price={"type": "number"}, quantity={"type": "integer"})
    assert all(
        one["total"] == pytest.approx(one["unit_price"] * one["quantity"]) for one in compiled(line).batch(range(100)).records()
    )


def test_numbers_are_written_in_their_shortest_form() -> None:
    text = compiled(
        of(
            x={"type": "number", "minimum": 0, "maximum": 1, "multipleOf": 0.25},
            latitude={"type": "number"},
            n={"type": "integer", "minimum": -(10**12), "maximum": 10**12},
        )
    )
    batch = text.batch(range(500))
    for line, record in zip(batch.lines().decode().splitlines(), batch.records(), strict=True):
        shown = re.findall(r":(-?[\d.]+)", line)
        assert shown == [repr(record["x"]), repr(record["latitude"]), str(record["n"])]


def test_check_digits() -> None:
    cards = column({"type": "string"} | {"format": "iban"}, 200)
    for iban in cards:
        moved = iban[4:] + iban[:4]
        assert int("".join(str(int(char, 36)) for char in moved)) % 97 == 1
    for card in [record["card_number"] for record in compiled(of(card_number={"type": "string"})).batch(range(200)).records()]:
        digits = [int(char) for char in reversed(card)]
        assert sum(sum(divmod(2 * digit, 10)) if place % 2 else digit for place, digit in enumerate(digits)) % 10 == 0
    for code in [record["barcode"] for record in compiled(of(barcode={"type": "string"})).batch(range(200)).records()]:
        assert sum(int(char) * (3 if place % 2 else 1) for place, char in enumerate(code)) % 10 == 0


def test_prices_are_skewed() -> None:
    prices = [record["price"] for record in compiled(of(price={"type": "number"})).batch(range(4000)).records()]
    assert min(prices) >= 5
    assert max(prices) <= 500
    assert median(prices) < 0.8 * mean(prices)


def test_names_that_are_too_long_are_cut_and_all_others_kept() -> None:
    people = compiled(
        of(
            full_name={"type": "string"},
            name={"type": "string", "minLength": 2, "maxLength": 12},
            email={"type": "string", "format": "email", "maxLength": 20},
        )
    )
    records = people.batch(range(500)).records()
    short = [one for one in records if len(one["full_name"]) <= 12]
    assert 50 < len(short) < 450
    assert all(one["name"] == one["full_name"] for one in short)
    assert all(one["full_name"].startswith(one["name"]) for one in records)
    assert all(len(one["email"]) <= 20 and "@example." in one["email"] for one in records)


@pytest.mark.parametrize("locale", ["de_DE", "fr_FR", "ja_JP", "pt_BR", "pl_PL"])
def test_locales(locale: str) -> None:
    names = column({"type": "string"}, 5, locale=locale)
    assert len(names) == 5
    people = (
        compiled(of(first_name={"type": "string"}, city={"type": "string"}, phone={"type": "string"}), locale=locale)
        .batch(range(300))
        .records()
    )
    assert len({one["first_name"] for one in people}) > 30
    assert (
        people
        != compiled(of(first_name={"type": "string"}, city={"type": "string"}, phone={"type": "string"}))
        .batch(range(300))
        .records()
    )


class TestAnnotations:
    def test_weights(self) -> None:
        shares = Counter(column({"enum": ["a", "b"], "x-synth": {"weights": [9, 1]}}, 5000))
        assert shares["b"] / 5000 == pytest.approx(0.1, abs=0.02)

    def test_words(self) -> None:
        assert set(column({"type": "string", "x-synth": {"words": ["x", "y"]}})) == {"x", "y"}
        with pytest.raises(SchemaError, match=r"the word \"long\" breaks the schema.*/properties/x"):
            column({"type": "string", "maxLength": 2, "x-synth": {"words": ["x", "long"]}})

    def test_faker(self) -> None:
        assert all(len(value) > 3 for value in column({"type": "string", "x-synth": {"faker": "company"}}))
        plates = column({"type": "string", "x-synth": {"faker": {"method": "bothify", "args": {"text": "??-##"}}}}, 20)
        assert all(re.fullmatch(r"[A-Za-z]{2}-\d\d", plate) for plate in plates)
        with pytest.raises(SchemaError, match="what Faker's 'company' says"):
            column({"type": "string", "maxLength": 2, "x-synth": {"faker": "company"}})

    def test_distributions(self) -> None:
        normal = column({"type": "number", "x-synth": {"distribution": {"normal": {"mean": 50, "sd": 5}}}}, 5000)
        assert mean(normal) == pytest.approx(50, abs=0.4)
        assert sum(abs(value - 50) < 5 for value in normal) / 5000 == pytest.approx(0.683, abs=0.025)
        lognormal = column(
            {"type": "number", "minimum": 0, "x-synth": {"distribution": {"lognormal": {"median": 40, "sigma": 1}}}}, 5000
        )
        assert median(lognormal) == pytest.approx(40, rel=0.08)
        poisson = column({"type": "integer", "minimum": 0, "x-synth": {"distribution": {"poisson": {"mean": 3}}}}, 5000)
        assert mean(poisson) == pytest.approx(3, abs=0.12)
        exponential = column({"type": "number", "minimum": 0, "x-synth": {"distribution": {"exponential": {"mean": 10}}}}, 5000)
        assert mean(exponential) == pytest.approx(10, rel=0.08)
        zipf = Counter(
            column(
                {"type": "integer", "minimum": 1, "maximum": 1000, "x-synth": {"distribution": {"zipf": {"exponent": 1}}}}, 5000
            )
        )
        assert zipf[1] / zipf[2] == pytest.approx(2, rel=0.25)

    def test_unique(self) -> None:
        assert sorted(column({"type": "integer", "minimum": 1, "maximum": 500, "x-synth": {"unique": True}}, 500)) == list(
            range(1, 501)
        )
        for document in (
            {"type": "string", "pattern": "^[A-Z]{2}-\\d{4}$"},
            {"type": "string", "format": "date"},
            {"type": "string", "format": "uuid"},
            {"type": "string", "format": "email"},
            {"enum": list(range(200))},
        ):
            values = compiled(of(email=document | {"x-synth": {"unique": True}})).batch(range(200)).records()
            assert len({one["email"] for one in values}) == 200, document

    def test_unique_has_a_capacity(self) -> None:
        engine = compiled(of(x={"type": "integer", "minimum": 1, "maximum": 90, "x-synth": {"unique": True}}))
        assert [(capacity.size, capacity.pointer) for capacity in engine.capacities] == [(90, "/properties/x")]

    def test_unique_refuses_what_it_cannot_number(self) -> None:
        with pytest.raises(SchemaError, match="give it a pattern"):
            column({"type": "string", "x-synth": {"unique": True}})
        with pytest.raises(SchemaError, match="not for the items of its lists"):
            column({"type": "array", "items": {"type": "integer", "x-synth": {"unique": True}}})

    def test_null_rate(self) -> None:
        values = column({"type": ["integer", "null"], "x-synth": {"null_rate": 0.4}}, 4000)
        assert values.count(None) / 4000 == pytest.approx(0.4, abs=0.03)
        document = {"type": "object", "properties": {"x": {"type": "integer", "x-synth": {"null_rate": 0.25}}}}
        absent = ["x" not in record for record in compiled(document).batch(range(4000)).records()]
        assert mean(absent) == pytest.approx(0.25, abs=0.03)

    def test_from(self) -> None:
        document = of(
            contact_email={"type": "string", "format": "email", "x-synth": {"from": "person.name"}},
            person=of(name={"type": "string"}),
            slug={"type": "string", "x-synth": {"from": "title"}},
            title={"type": "string"},
            begins={"type": "string", "format": "date"},
            ends={"type": "string", "format": "date", "x-synth": {"from": "begins", "within": "10d"}},
            copy={"type": "string", "x-synth": {"from": "title"}},
        )
        for one in compiled(document).batch(range(100)).records():
            assert one["contact_email"].split("@")[0] == re.sub("[^a-z]+", ".", one["person"]["name"].lower()).strip(".")
            assert one["slug"] == one["title"].lower().replace(" ", "-")
            assert 0 <= (date.fromisoformat(one["ends"]) - date.fromisoformat(one["begins"])).days <= 10
            assert one["copy"] == one["title"]
        with pytest.raises(SchemaError, match="derived in a circle"):
            compiled(of(a={"type": "string", "x-synth": {"from": "b"}}, b={"type": "string", "x-synth": {"from": "a"}}))
        with pytest.raises(SchemaError, match="no such property"):
            compiled(of(a={"type": "string", "x-synth": {"from": "z"}}))

    def test_edge_cases(self) -> None:
        texts = column({"type": "string", "maxLength": 30, "x-synth": {"edge_cases": 0.5}}, 400)
        assert {"", "日本語", "'; DROP TABLE users; --", "a" * 30} <= set(texts)
        numbers = column({"type": "integer", "minimum": -5, "maximum": 9000, "x-synth": {"edge_cases": 0.5}}, 400)
        assert {-5, 9000, 0} <= set(numbers)

    def test_dates(self) -> None:
        written = column(
            {"type": "string", "x-synth": {"strftime": "%d/%m/%Y %H:%M", "earliest": "2020-01-01", "latest": "2020-12-31"}}
        )
        assert {datetime.strptime(text, "%d/%m/%Y %H:%M").year for text in written} == {2020}


@pytest.mark.parametrize(
    "document",
    [
        {"type": "object"},
        {"anyOf": [{"type": "string"}, {"type": "integer"}]},
        {"type": "array", "prefixItems": [{"type": "string"}], "items": {"type": "integer"}},
        {"type": "object", "properties": {"a": {}}, "patternProperties": {"^b": {}}},
        {"$ref": "#/$defs/tree", "$defs": {"tree": {"type": "object", "properties": {"of": {"$ref": "#/$defs/tree"}}}}},
        {"type": "string", "pattern": "^(?=.*a)b"},
    ],
)
def test_what_does_not_compile(document: object) -> None:
    with pytest.raises(NotColumnarError):
        compiled(document)
