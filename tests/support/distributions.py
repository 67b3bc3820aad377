"""Distributions as pip leaves them behind, for tests of plugins: modules, and metadata with entry points."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from synth_sdk.core import plugins


def install(
    folder: Path, name: str, entries: Mapping[str, Mapping[str, str]], modules: Mapping[str, str], version: str = "1.0"
) -> None:
    """A distribution in `folder`: `entries` are targets by group (`rules`) and name, `modules` sources by module name."""
    about = folder / f"{name.replace('-', '_')}-{version}.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    sections = [
        "\n".join([f"[synth_sdk.{group}]", *(f"{part} = {target}" for part, target in parts.items())])
        for group, parts in entries.items()
    ]
    (about / "entry_points.txt").write_text("\n\n".join(sections) + "\n")
    for module, source in modules.items():
        (folder / f"{module}.py").write_text(source)


@contextmanager
def visible(folder: Path) -> Iterator[None]:
    """What is installed in `folder` is seen by this process; afterwards everything is as it was, parts registered meanwhile too."""
    registered = {group: dict(parts) for group, parts in plugins._AT_RUN_TIME.items()}
    before = set(sys.modules)
    sys.path.insert(0, str(folder))
    plugins._installed.cache_clear()
    try:
        yield
    finally:
        sys.path.remove(str(folder))
        plugins._installed.cache_clear()
        for group, parts in registered.items():
            plugins._AT_RUN_TIME[group].clear()
            plugins._AT_RUN_TIME[group].update(parts)
        for module in set(sys.modules) - before:
            if getattr(sys.modules[module], "__file__", None) and str(folder) in str(sys.modules[module].__file__):
                del sys.modules[module]
