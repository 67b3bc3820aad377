"""Kinds that are `json` with a schema of their own: the files in `schemas/`. A schema given with the request takes their place."""

from copy import deepcopy
from functools import cache
from pathlib import Path

from synth_sdk.core.models import Json
from synth_sdk.core.spec import Spec
from synth_sdk.generators.json import JsonGenerator
from synth_sdk.schema import load_schema

_FOLDER = Path(__file__).parent / "schemas"


@cache
def _packaged(kind: str) -> Json:
    return load_schema(_FOLDER / f"{kind}.yaml").document


class OwnSchemaGenerator(JsonGenerator):
    """Records of the user's own schema."""

    kind = "custom"


class _SchemaKind(JsonGenerator):
    def _document(self, spec: Spec) -> Json:
        return spec.document if spec.document is not None else deepcopy(_packaged(self.kind))


class UserProfileGenerator(_SchemaKind):
    """People with accounts."""

    kind = "user_profile"


class TransactionGenerator(_SchemaKind):
    """Card and account payments."""

    kind = "transaction"


class LogEventGenerator(_SchemaKind):
    """Lines of a service's structured log, in the order of time."""

    kind = "log_event"
