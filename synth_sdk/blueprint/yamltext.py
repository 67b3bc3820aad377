"""Plain data as YAML text that packs are read from: no anchors, no tags, numbers in plain digits, one line for each frame."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

_WIDE = 1 << 16  # a frame is one line, however long


def to_yaml(data: Mapping[str, Any]) -> str:
    """`data` in its own order."""
    import yaml

    class Dumper(yaml.SafeDumper):
        """Repeats what stands twice instead of referring to it, and writes 0.00001 as such."""

        def ignore_aliases(self, data: Any) -> bool:
            return True

    Dumper.add_representer(float, lambda dumper, value: dumper.represent_scalar("tag:yaml.org,2002:float", _plain(value)))
    text: str = yaml.dump(data, Dumper=Dumper, sort_keys=False, allow_unicode=True, width=_WIDE)
    return text


def _plain(value: float) -> str:
    """Digits and a point: the reader of packs knows no exponents."""
    text = format(Decimal(repr(value)), "f")
    return text if "." in text else f"{text}.0"
