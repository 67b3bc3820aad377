"""Every fixed text of a pack's records, once, as it stands inside a JSON string."""

import re

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from synth_sdk.core.arrow import of_texts
from synth_sdk.dialogue.columns.flat import Growing
from synth_sdk.dialogue.columns.spacing import capitalised, ends_sentence
from synth_sdk.engine.columns.digests import FACTOR, hash_texts
from synth_sdk.engine.columns.lanes import U64, Mask, mix
from synth_sdk.engine.columns.pools import escape

_is_plain = re.compile(r"[ !#-\[\]-~]*").fullmatch  # nothing that JSON escapes
OWN = 1 << 30  # texts that are made for one batch are numbered from here on


class Lexicon:
    """Texts by number."""

    def __init__(self) -> None:
        self._places: dict[str, int] = {}
        self._texts: list[str] = []
        self._arrays = [of_texts([])]
        self._ready = 0  # so many stand in the arrays
        self._ends, self._digests, self._capitals = Growing(np.bool_), Growing(np.uint64), Growing(np.int32)
        self.place("")

    def __len__(self) -> int:
        return len(self._texts)

    def __getitem__(self, place: int) -> str:
        return self._texts[place]

    def place(self, text: str) -> int:
        """The number of `text`, which is written as it is."""
        found = self._places.get(text)
        if found is None:
            found = self._places[text] = len(self._texts)
            self._texts.append(text)
        return found

    def array(self) -> pa.StringArray:
        """All texts in order."""
        self._prepare()
        if len(self._arrays) > 1:
            self._arrays = [pa.concat_arrays(self._arrays)]
        return self._arrays[0]

    def _prepare(self) -> None:
        """Work out what is asked about texts for those that are new."""
        if self._ready == len(self._texts):
            return
        fresh = self._texts[self._ready :]
        texts = of_texts(fresh)
        self._ends.extend([ends_sentence(text) for text in fresh])
        self._digests.extend(digest(texts))
        self._capitals.extend(np.full(len(fresh), -1))
        self._arrays.append(texts)
        self._ready += len(fresh)

    def ends(self, places: NDArray[np.int32]) -> Mask:
        """Whether a sentence ends with each text."""
        self._prepare()
        found: Mask = self._ends.view[places]
        return found

    def digests(self) -> U64:
        """64 bits for each text, in order."""
        self._prepare()
        return self._digests.view

    def capitals(self, places: NDArray[np.int32]) -> NDArray[np.int32]:
        """For each text the one that begins a sentence."""
        self._prepare()
        known: NDArray[np.int32] = self._capitals.view[places]
        if (known < 0).any():
            for place in sorted(set(places[known < 0].tolist())):
                self._capitals.view[place] = self.place(capitalised(self._texts[place]))
            known = self._capitals.view[places]
        return known


def digest(texts: pa.StringArray) -> U64:
    """64 bits that tell texts apart."""
    return mix(hash_texts(texts) + FACTOR)


def escaped(text: str, times: int) -> str:
    """`text` as it stands within so many JSON strings, one inside the other."""
    if _is_plain(text):
        return text
    for _ in range(times):
        text = escape(text)
    return text
