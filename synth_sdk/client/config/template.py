"""A configuration file to begin with: every key with its default and what it means, all of it commented out."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from synth_sdk.client.config.keys import SCHEMA, ForEach, Key, Node
from synth_sdk.core.errors import OutputError, RequestError

_HEAD = """\
# Defaults of synth in this folder: arguments win over them. Each line shows what counts without it, or [example] where nothing does; remove
# the # in front to change it. Keys may be written in camelCase too. ${VAR} and ${VAR:-default} are taken from the environment or from .env.
# 'synth config show' prints what counts, and where it comes from.

"""
_TAIL = """
# Also read: models.routing.strategy (cost-, performance- or quality-optimized, balanced) and models.routing.fallback_chain, which mean policy
# and fallback; and of a file of trajectories random_seed, data_generation, task_templates and tool_transitions.
"""
_COMMENT_AT = 44
_SUFFIXES = (".yaml", ".yml")


def template() -> str:
    """The text of the file. It sets nothing as it stands."""
    return _HEAD + "\n".join(line for node in SCHEMA.keys for line in _lines(node, 0)) + "\n" + _TAIL


def write_template(output: str) -> Path:
    """Write it to `output`. RequestError if there is a file already, or its name isn't one of YAML."""
    path = Path(output).expanduser()
    if path.suffix.lower() not in _SUFFIXES:
        raise RequestError(f"output {output!r}: the file is YAML: let its name end in .yaml")
    try:
        with path.open("x", encoding="utf-8") as stream:
            stream.write(template())
    except FileExistsError:
        raise RequestError(f"output {output!r} is there already: name another file with --output") from None
    except OSError as error:
        raise OutputError(f"output {output!r} can't be written: {error.strerror or error}") from None
    return path


def _lines(node: Node, depth: int) -> Iterator[str]:
    if isinstance(node, Key) and not node.about:
        return
    if isinstance(node, Key):
        example = " [example]" if node.default is None else ""
        shown = node.default if node.default is not None else node.example
        yield _line(depth, f"{node.name}: {_plain(shown)}", f"{node.about}{example}")
    elif isinstance(node, ForEach):
        yield _line(depth, f"{node.name}:", f"{node.about} [example]")
        yield from (_line(depth + 1, f"{name}: {_plain(value)}") for name, value in node.example.items())
    elif not all(isinstance(key, Key) and key.example and key.to for key in node.keys):  # other words for what stands elsewhere
        yield _line(depth, f"{node.name}:", node.about)
        yield from (line for key in node.keys for line in _lines(key, depth + 1))


def _line(depth: int, told: str, about: str = "") -> str:
    line = f"#{'  ' * depth}{told}"
    return f"{line:<{_COMMENT_AT}} # {about}" if about else line


def _plain(value: Any) -> str:
    """As YAML writes it on one line."""
    return str(yaml.safe_dump(value, default_flow_style=True, width=1000)).removesuffix("...\n").strip()
