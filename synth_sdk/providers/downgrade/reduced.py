"""The reduced schema of one place."""

from dataclasses import dataclass

from synth_sdk.core.models import Json
from synth_sdk.providers.downgrade.codecs import PLAIN, Codec
from synth_sdk.providers.downgrade.facts import TYPES

SCALARS = ("string", "integer", "number", "boolean", "null")


@dataclass(frozen=True, slots=True)
class Reduced:
    """The schema of one place and how its values are encoded. `types` are those that an encoded value may have, as far as is known."""

    schema: dict[str, Json]
    codec: Codec = PLAIN

    @property
    def types(self) -> frozenset[str]:
        told = self.schema.get("type")
        if told is None:
            inner = self.schema.get("anyOf")
            return frozenset().union(*(Reduced(part).types for part in inner)) if inner else TYPES
        return frozenset(told if isinstance(told, list) else [told])
