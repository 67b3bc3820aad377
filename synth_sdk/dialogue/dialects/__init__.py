"""Training formats: a conversation written for one, read back from one, and checked strictly against one.

Each dialect is one file with its shape (a JSON Schema), a writer, and a reader that tells the course of events; what must hold of any
conversation is judged once, in `course`.
"""

from typing import TYPE_CHECKING

from synth_sdk.core.lazy import lazily

if TYPE_CHECKING:
    from synth_sdk.dialogue.dialects.columns import record_schema
    from synth_sdk.dialogue.dialects.findings import Finding
    from synth_sdk.dialogue.dialects.names import DIALECTS, EXPORTS
    from synth_sdk.dialogue.dialects.registry import (
        conversation_in,
        convert,
        converter,
        detect,
        detect_all,
        examine,
        restore,
        validate,
    )

_HOMES = {
    "DIALECTS": "names",
    "EXPORTS": "names",
    "Finding": "findings",
    "conversation_in": "registry",
    "convert": "registry",
    "converter": "registry",
    "detect": "registry",
    "detect_all": "registry",
    "examine": "registry",
    "record_schema": "columns",
    "restore": "registry",
    "validate": "registry",
}
__all__ = [
    "DIALECTS",
    "EXPORTS",
    "Finding",
    "conversation_in",
    "convert",
    "converter",
    "detect",
    "detect_all",
    "examine",
    "record_schema",
    "restore",
    "validate",
]

__getattr__ = lazily(__name__, _HOMES)
