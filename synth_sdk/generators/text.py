"""`text`: paragraphs made offline."""

from collections.abc import Mapping

from synth_sdk.core.errors import RequestError
from synth_sdk.core.models import Json
from synth_sdk.core.spec import Spec
from synth_sdk.engine.text import TextSource
from synth_sdk.generators.constraints import positive_int
from synth_sdk.generators.offline import OfflineGenerator


class TextGenerator(OfflineGenerator):
    """Records `{text}` with between `min_sentences` and `max_sentences` sentences (defaults 1 and 5)."""

    kind = "text"
    constraint_keys = frozenset({"min_sentences", "max_sentences"})
    record_schema: Json = {
        "type": "object",
        "properties": {"text": {"type": "string"}},
        "required": ["text"],
        "additionalProperties": False,
    }
    rows_per_batch = 1024

    def __init__(self, spec: Spec) -> None:
        super().__init__(spec)
        fewest = positive_int(spec.constraints, "min_sentences", 1)
        most = positive_int(spec.constraints, "max_sentences", max(5, fewest))
        if fewest > most:
            raise RequestError(f"constraint min_sentences={fewest} is above max_sentences={most}: swap them")
        self._source = TextSource(spec.seed, spec.locale, fewest, most)

    def record(self, row: int) -> Json:
        return self._source.record(row)

    def features(self, record: Json) -> Mapping[str, str | float | bool | None]:
        return {"characters": len(record["text"]), "words": len(record["text"].split())}
