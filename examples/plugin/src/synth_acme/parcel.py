"""A kind of record: offline from numbers of its own, or written by models."""

from datetime import timedelta
from random import Random
from typing import Any

from synth_sdk import CustomGenerator

_STATES = ("announced", "on its way", "delivered", "returned")
_CITIES = ("Aarhus", "Bilbao", "Gdansk", "Lyon", "Porto", "Turin", "Utrecht")


class ParcelGenerator(CustomGenerator):
    """Parcels with a carrier, a weight and their times. Constraints: `carrier`, and `late` (the share that takes a week longer)."""

    kind = "parcel"
    record_schema = {
        "type": "object",
        "properties": {
            "number": {"type": "string", "pattern": "^[A-Z]{3}[0-9]{9}$"},
            "carrier": {"type": "string", "minLength": 1},
            "city": {"type": "string", "minLength": 1},
            "kg": {"type": "number", "exclusiveMinimum": 0, "maximum": 31.5},
            "state": {"enum": [*_STATES]},
            "sent": {"type": "string", "format": "date-time"},
            "arrived": {"type": ["string", "null"], "format": "date-time"},
        },
        "required": ["number", "carrier", "city", "kg", "state", "sent", "arrived"],
        "additionalProperties": False,
    }
    writing_rules = (
        "You write records of parcels as a carrier's system holds them. A parcel that isn't delivered has not arrived."
    )

    def record(self, row: int, rng: Random, *, carrier: str = "ACM", late: float = 0.1) -> dict[str, Any]:
        state = rng.choices(_STATES, (1, 3, 12, 1))[0]
        sent = self.spec.start + timedelta(minutes=rng.randrange(60 * 24 * 30))
        hours = 20 + rng.expovariate(1 / 30) + (168 if rng.random() < late else 0)
        return {
            "number": f"{carrier.upper():X<3.3}{rng.randrange(10**9):09}",
            "carrier": carrier,
            "city": rng.choice(_CITIES),
            "kg": max(0.1, min(31.5, round(rng.lognormvariate(0.7, 0.8), 1))),
            "state": state,
            "sent": sent.isoformat(),
            "arrived": (sent + timedelta(hours=round(hours))).isoformat() if state == "delivered" else None,
        }
