"""Stands between making and delivering: masks the fields that were named, and looks for real-looking personal data in the rest."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from synth_sdk.compliance.frameworks import frameworks as known_frameworks
from synth_sdk.compliance.masking.keys import Key
from synth_sdk.compliance.mending import masked, mended
from synth_sdk.compliance.scanning.citations import detected_for
from synth_sdk.core.batches import Batch
from synth_sdk.core.findings import Findings
from synth_sdk.core.models import Json

if TYPE_CHECKING:
    from synth_sdk.compliance.masking.methods import Mask
    from synth_sdk.compliance.scanning.scanner import Scanner


@dataclass(frozen=True, slots=True)
class Guard:
    """What one run does to every batch before it is delivered. Pickles; a pure function of the batch and its own fields.

    `frameworks` say what is looked for (none: nothing is); with `strict` hits are told and left, otherwise replaced by values that belong
    to nobody. Fields in `masks` aren't searched: what stands there was asked for.
    """

    frameworks: tuple[str, ...] = ()
    masks: "tuple[Mask, ...]" = ()
    scanner: "Scanner | None" = None
    strict: bool = False
    key: Key = field(default=Key(b""), repr=False)

    @classmethod
    def of(
        cls,
        frameworks: Sequence[str],
        masks: Mapping[str, str],
        *,
        strict: bool,
        key: bytes,
        schema: Json,
        names: str | None = None,
    ) -> "Guard":
        """The guard of records of `schema`. `masks` are methods by field; `names` is a model that finds people's names: its folder, or
        `rampart` (extra `names`).

        RequestError for an unknown framework, field or method, and for a method that would break the field's schema.
        """
        from synth_sdk.compliance.masking.methods import fit_mask
        from synth_sdk.compliance.scanning.names import names_folder
        from synth_sdk.compliance.scanning.scanner import Scanner

        asked = known_frameworks(frameworks)
        fitted = tuple(fit_mask(path, method, schema) for path, method in masks.items())
        scanner = Scanner.of(detected_for(asked), names=names and names_folder(names)) if asked else None
        return cls(asked, fitted, scanner, strict, Key(key))

    def inspect(self, batch: Batch, start: int) -> tuple[Batch, Findings]:
        """`batch` as it may be delivered - the same object if nothing had to be changed - and what was found; `start` records stand before it."""
        if self.masks:
            batch = masked(batch, self.masks, self.key)
        if self.scanner is None:
            return batch, Findings()
        return self._scanned(batch, self.scanner, start)

    def _scanned(self, batch: Batch, scanner: "Scanner", start: int) -> tuple[Batch, Findings]:
        from synth_sdk.compliance.scanning.replacing import tell

        exempt = frozenset(mask.target.path for mask in self.masks)
        found = list(scanner.scan(batch, exempt))
        hits = ((one.leaf.path, start + one.leaf.row + 1, hit) for one in found for hit in one.hits)
        findings = tell(hits, self.frameworks, replaced=not self.strict)
        return (batch if self.strict else mended(batch, found, self.key)), findings
