"""The labelled properties of `fields.yaml`."""

from functools import cache
from pathlib import Path
from typing import NamedTuple

import yaml

from synth_sdk.compliance.frameworks.fields import Around


class Labelled(NamedTuple):
    """A property, and the sort of data that it holds (None: none)."""

    name: str
    node: dict
    around: Around
    category: str | None


@cache
def labelled() -> tuple[Labelled, ...]:
    told = yaml.safe_load((Path(__file__).parent / "fields.yaml").read_text("utf-8"))
    return tuple(_labelled(one, None if category == "clean" else category) for category, listed in told.items() for one in listed)


def _labelled(one, category):
    name, node, around, other = (*([one] if isinstance(one, str) else one), *[None] * 3)[:4]
    around = around or {}
    return Labelled(
        str(name), node or {}, Around(around.get("owner", ""), frozenset(around.get("siblings", ()))), other or category
    )


@cache
def abroad() -> tuple[Labelled, ...]:
    """The names of `fields_abroad.yaml`; those that are known to be missed are left out."""
    told = yaml.safe_load((Path(__file__).parent / "fields_abroad.yaml").read_text("utf-8"))
    patient, order = Around("patient", _BESIDE_PATIENTS), Around("order", _BESIDE_ORDERS)
    return tuple(
        Labelled(
            str(name), {"type": _TYPES.get(category, "string")}, *((order, None) if category == "clean" else (patient, category))
        )
        for category, names in told.items()
        if category != "missed"
        for name in names
    )


_TYPES = {"age": "integer", "geo": "number"}
_BESIDE_PATIENTS = frozenset({"vorname", "nachname", "firstName", "lastName", "email", "id", "diagnosis"})
_BESIDE_ORDERS = frozenset({"order_id", "total", "price", "sku", "created_at"})
