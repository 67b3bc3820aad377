"""Which records are worth a look: expressions of RE2 over whole batches, a few passes for all detectors.

RE2 goes through a batch at some 500 MB/s as long as its automaton fits its cache; all shapes in one expression don't (30 MB/s), so each
family has a pass. Hosts are found by the sign before them and judged once for each different one: nearly all are reserved.
"""

import json
import re
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from synth_sdk.compliance.scanning.contact import HOSTS_AT, HOSTS_IN, is_reserved_host
from synth_sdk.compliance.scanning.shapes import Detector
from synth_sdk.core.arrow import of_numpy, to_mask

if TYPE_CHECKING:
    from numpy.typing import NDArray

_HOSTS = {"email": re.compile(HOSTS_AT), "url": re.compile(HOSTS_IN)}
_TOOLS = b'"tools":'
_FEW = 4096  # texts: each expression is compiled whenever it is used, which costs as much as going through so many
_MOST_HOSTS = 100  # more real ones than that: any host will do


def lines_of(data: bytes | memoryview) -> pa.LargeStringArray:
    """The lines with their ends; nothing is copied. Every line is ended."""
    bounds = bounds_of(data)
    return pa.LargeStringArray.from_buffers(len(bounds) - 1, pa.py_buffer(bounds), pa.py_buffer(data))


def bounds_of(data: bytes | memoryview) -> "NDArray[np.int64]":
    """Where each line begins, and the end of the last."""
    ends = np.flatnonzero(np.frombuffer(data, np.uint8) == ord("\n"))
    bounds = np.zeros(len(ends) + 1, np.int64)
    bounds[1:] = ends + 1
    return bounds


def suspects(data: bytes | memoryview, detectors: Sequence[Detector]) -> "NDArray[np.intp]":
    """The numbers of the lines in which a detector may find something."""
    data = _tools_once(bytes(data))
    lines = lines_of(data)
    found = np.zeros(len(lines), np.bool_)
    for shape in passes(tuple(detectors)):
        found |= matching(lines, shape)
    for detector in detectors:
        if detector.name in _HOSTS and (shape := _real_hosts(detector.name, data)):
            found |= matching(lines, shape)
    return np.flatnonzero(found)


def _tools_once(data: bytes) -> bytes:
    """`data` without the declarations of tools that all conversations of a pack repeat, more than half of what they are: the first line keeps them."""
    start = data.find(_TOOLS, 0, data.find(b"\n") + 1)
    if start < 0:
        return data
    text = data[start + len(_TOOLS) : data.find(b"\n")].decode()
    try:
        _, length = json.JSONDecoder().raw_decode(text)
    except ValueError:
        return data
    piece = _TOOLS + text[:length].encode()
    end = start + len(piece)
    return data[:end] + data[end:].replace(piece, _TOOLS + b"[]")


def matching(texts: pa.Array, shape: str) -> "NDArray[np.bool_]":
    """Where `shape` is found."""
    return to_mask(pc.match_substring_regex(texts, shape)) if len(texts) else np.zeros(0, np.bool_)


@lru_cache(maxsize=64)
def passes(detectors: tuple[Detector, ...]) -> tuple[str, ...]:
    """One expression for each family; hosts have a way of their own."""
    return tuple(_either(family) for name, family in _families(detectors).items() if name != "hosts")


def looking(said: pa.Array, values: Callable[[], pa.Array], detectors: Sequence[Detector]) -> dict[int, list[Detector]]:
    """By their numbers the values that a shape fits as they are `said`, behind the names of their fields (what is looked for in prose:
    without), with the detectors that have to look at them, the surest first.
    """
    fitting: dict[Detector, set[int]] = {}
    for name, family in _families(tuple(detectors)).items():
        places = np.arange(len(said)) if len(said) < _FEW else np.flatnonzero(matching(said, _either(family)))
        for detector in family if len(places) else ():
            texts = (values() if detector.prose else said).take(of_numpy(places))
            shape = _real_hosts(detector.name, _joined(texts)) if name == "hosts" else detector.shape
            fitting[detector] = set(places[matching(texts, shape)].tolist()) if shape else set()
    found: dict[int, list[Detector]] = {place: [] for place in sorted(set().union(*fitting.values()))}
    for detector in detectors:
        for place in fitting.get(detector, ()):
            found[place].append(detector)
    return found


@lru_cache(maxsize=64)
def _families(detectors: tuple[Detector, ...]) -> dict[str, list[Detector]]:
    return {name: [one for one in detectors if one.family == name] for name in dict.fromkeys(one.family for one in detectors)}


def _either(family: Sequence[Detector]) -> str:
    return "|".join(detector.shape for detector in family)


def _joined(texts: pa.StringArray) -> bytes:
    joined: bytes = "\n".join(texts.to_pylist()).encode()
    return joined


def _real_hosts(name: str, data: bytes) -> str:
    """An expression for the hosts that aren't reserved; empty if there are none."""
    hosts = {host.decode() for host in set(_HOSTS[name].findall(data))}
    real = _real(hosts, is_reserved_host)
    mark = "@" if name == "email" else "[/@]"
    return "" if not real else f"{mark}(?:{'|'.join(map(re.escape, real)) if len(real) <= _MOST_HOSTS else '[A-Za-z0-9]'})"


def _real(hosts: Iterable[str], reserved: Callable[[str], bool]) -> list[str]:
    return sorted(host for host in hosts if not reserved(host))
