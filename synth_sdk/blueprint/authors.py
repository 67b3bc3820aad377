"""Who writes the blueprint of a Spec, and the Spec that its files make."""

from pathlib import Path
from typing import TYPE_CHECKING

from synth_sdk.blueprint.model import Author
from synth_sdk.core.errors import RequestError
from synth_sdk.core.models import Json
from synth_sdk.core.spec import DEFAULT_PACK, Spec

SCHEMA_KINDS = frozenset({"json", "custom", "user_profile", "transaction", "log_event"})


def author_for(spec: Spec, document: Json = None, generator: object = None) -> Author | None:
    """The author of `spec`'s blueprint; None for a kind that has no blueprints.

    `document` is the schema of a kind that has one of its own and was given none, `generator` the kind's: it may declare banks
    (`blueprint_schema` and what belongs to it). RequestError when the kind has blueprints and
    this wish can't have one: the pack doesn't lint, or nothing is left to write.
    """
    if spec.kind == "conversation":
        return _of_pack(spec)
    if spec.kind in SCHEMA_KINDS:
        return _of_schema(spec, spec.document if spec.document is not None else document)
    return _of_banks(generator)


def _of_pack(spec: Spec) -> Author:
    from synth_sdk.blueprint.conversation.author import WordingsAuthor
    from synth_sdk.dialogue import load_pack

    return WordingsAuthor(load_pack(spec.pack or spec.constraints.get("template") or DEFAULT_PACK, spec.locale))


def _of_schema(spec: Spec, document: Json) -> Author:
    from synth_sdk.blueprint.schema.author import AnnotationsAuthor
    from synth_sdk.schema.tables import is_table_set

    if document is None:
        raise RequestError(f"kind {spec.kind!r} needs a schema: give --schema FILE (JSON Schema, a field list, or the shorthand)")
    if is_table_set(document):
        raise RequestError(
            "a set of tables has no blueprint: have one written for the schema of each table, or choose mode offline"
        )
    return AnnotationsAuthor(spec.kind, document)


def _of_banks(generator: object) -> Author | None:
    from synth_sdk.blueprint.banks.author import Banked, BanksAuthor

    if not isinstance(generator, Banked) or generator.blueprint_schema is None:
        return None
    return BanksAuthor(generator)


def apply(spec: Spec, path: Path) -> Spec:
    """`spec` with the blueprint at `path` (its folder, or its main file): the offline generator expands what was written."""
    from synth_sdk.schema.documents import read_document

    if spec.kind == "conversation":
        return _with_pack(spec, path / "pack.yaml" if path.is_dir() else path)
    if spec.kind in SCHEMA_KINDS:
        return spec.model_copy(update={"document": read_document(path / "schema.json" if path.is_dir() else path)})
    return spec.model_copy(update={"blueprint": read_document(path / "blueprint.yaml" if path.is_dir() else path)})


def _with_pack(spec: Spec, path: Path) -> Spec:
    from synth_sdk.dialogue.loading.loader import pack_digest

    constraints = {key: value for key, value in spec.constraints.items() if key != "template"}
    return spec.model_copy(update={"pack": str(path), "constraints": constraints, "file_digest": pack_digest(path, spec.locale)})


if TYPE_CHECKING:
    from synth_sdk.blueprint.banks.author import BanksAuthor
    from synth_sdk.blueprint.conversation.author import WordingsAuthor
    from synth_sdk.blueprint.schema.author import AnnotationsAuthor

    _authors: list[type[Author]] = [WordingsAuthor, AnnotationsAuthor, BanksAuthor]
