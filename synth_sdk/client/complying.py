"""Compliance of one run: what its frameworks say of the schema, the schema that records are made from, and the guard that looks at them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from synth_sdk.core.errors import RequestError
from synth_sdk.core.findings import Finding, Findings
from synth_sdk.core.generators import Generator
from synth_sdk.core.models import Json
from synth_sdk.core.spec import Spec

if TYPE_CHECKING:
    import pyarrow as pa

    from synth_sdk.compliance.guard import Guard

NAMES_MODEL = "SYNTH_NAMES_MODEL"
_KEYED = ("hash", "tokenize", "pseudonym")
NOTHING_ASKED: dict[str, Any] = {"frameworks": [], "strict": False, "status": "clean", "findings": []}
_MENDED_SILENTLY = ("removed", "none")  # what `strict` doesn't let pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Complying:
    """`spec` is what the records are made from. `found` is what was found before the first of them."""

    spec: Spec
    schema: Json = True
    found: tuple[Finding, ...] = ()
    guard: "Guard | None" = None
    warnings: tuple[str, ...] = ()

    @property
    def asked(self) -> bool:
        """There is something to comply with, or to mask."""
        return bool(self.spec.compliance or self.spec.masks)

    @property
    def told(self) -> str:
        """A line for people."""
        spec = self.spec
        names = ", ".join(spec.compliance) or ("no framework asked for" if not spec.masks else "no framework")
        changed = sum(finding.stage == "generation" for finding in self.found)
        parts = [names]
        parts += [f"{len(self.found)} findings in the schema, {changed} of them mended"] if spec.compliance and self.found else []
        parts += [f"{', '.join(spec.masks)} masked"] if spec.masks else []
        return "; ".join(parts)

    def broken(self, findings: Findings) -> list[str]:
        """What `strict` doesn't let pass, a line for each; nothing without it."""
        return _lines([*findings]) if self.spec.strict else []

    def report(self, findings: Findings, sample: "pa.Table | None") -> dict[str, Any]:
        """The part of a report; empty for a run without compliance."""
        spec = self.spec
        if not self.asked:
            return {}
        found = Findings()
        found.extend([*self.found, *findings])
        violated = found.violations
        told: dict[str, Any] = {
            "frameworks": list(spec.compliance),
            "strict": spec.strict,
            "status": "violated" if violated else "adjusted" if len(found) else "clean",
            "findings": [finding.to_dict() for finding in found],
        }
        told |= {"masked": dict(spec.masks)} if spec.masks else {}
        return told | ({"k_anonymity": told_k} if (told_k := _k_anonymity(sample, self.schema)) else {})


def comply(spec: Spec, generator: Generator, env: Mapping[str, str]) -> Complying:
    """How `spec`, whose records `generator` makes, is made to comply. RequestError for what can't be, or may not with `strict`."""
    if spec.strict and not spec.compliance:
        raise RequestError("strict: there is no rule to be strict about; name frameworks with --compliance GDPR,HIPAA,PCI-DSS")
    if not spec.compliance and not spec.masks:
        return Complying(spec=spec)
    document, found = _adjusted(spec, generator)
    if document is not None:
        spec = spec.model_copy(update={"document": document})
    schema = generator.record_schema if document is None else document
    return Complying(
        spec=spec,
        schema=schema,
        found=tuple(found),
        guard=_guard(spec, schema, env),
        warnings=(*_about_key(spec, env), *(f"compliance: {line}" for line in _lines(found))),
    )


def adjusted_tables(document: Json, spec: Spec) -> tuple[Json, list[Finding]]:
    """A set of tables as its rows are made, and what was found of it. RequestError as `comply` raises it."""
    from synth_sdk.compliance.adjust import adjust
    from synth_sdk.compliance.review import review

    found = [*review(document, spec.compliance)]
    changed, done = adjust(document, spec.compliance)
    return changed, _settled(found, done, spec)


def _adjusted(spec: Spec, generator: Generator) -> tuple[Json | None, list[Finding]]:
    """The schema to make records from; None where the kind has none of its own to change, or it is of a set, which was changed as a whole."""
    from synth_sdk.generators.json import JsonGenerator
    from synth_sdk.schema.tables import is_table_set

    document = generator.record_schema
    mended = not isinstance(generator, JsonGenerator) or not isinstance(document, dict) or is_table_set(spec.document)
    if not spec.compliance or mended:
        return None, []
    return adjusted_tables(document, spec)


def _settled(found: list[Finding], done: list[Finding], spec: Spec) -> list[Finding]:
    """What was found of the schema that nothing was done about, and what was done."""
    mended = {(finding.rule, finding.field) for finding in done}
    told = [*(one for one in found if (one.rule, one.field) not in mended), *done]
    if spec.strict and (lines := _lines(told)):
        raise RequestError(f"compliance: {'; '.join(lines)}; change the schema, or leave --strict out to have it mended")
    return told


def _guard(spec: Spec, schema: Json, env: Mapping[str, str]) -> "Guard":
    from synth_sdk.compliance.guard import Guard
    from synth_sdk.compliance.masking.keys import mask_key

    key, _ = mask_key(env, spec.seed)
    return Guard.of(spec.compliance, spec.masks, strict=spec.strict, key=key, schema=schema, names=env.get(NAMES_MODEL) or None)


def _about_key(spec: Spec, env: Mapping[str, str]) -> tuple[str, ...]:
    """A warning for masks whose key is no secret."""
    from synth_sdk.compliance.masking.keys import mask_key

    keyed = any(method.partition(":")[0] in _KEYED for method in spec.masks.values())
    _, warning = mask_key(env, spec.seed)
    return (warning,) if keyed and warning else ()


def _lines(findings: list[Finding]) -> list[str]:
    wrong = [one for one in findings if one.severity == "error" and one.action in _MENDED_SILENTLY]
    return [f"{one.field or 'record'}: {one.message} [{one.citation}]" for one in wrong]


def _k_anonymity(sample: "pa.Table | None", schema: Json) -> dict[str, Any]:
    """Who could be singled out; of a sample of the rows where they are many, which `records` tells. Empty for records about nobody."""
    from synth_sdk.compliance.privacy import KAnonymity, quasi_identifiers

    fields = quasi_identifiers(schema) if sample is not None else []
    known = [name for name in fields if sample is not None and name in sample.column_names]
    return KAnonymity.of(sample, known).report() if known else {}
