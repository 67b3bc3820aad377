"""The pages' templates. Everything that is put into them is escaped, and what they miss is an error."""

import hashlib
import re
from base64 import b64encode
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Template
    from markupsafe import Markup


_BREAKS = re.compile(r"(?<=[._/])(?=\w)")


@cache
def template(package: str, name: str) -> "Template":
    """The template `name` of a package; it may include what all pages share, from the folder `templates` of this one."""
    from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

    from synth_sdk.reporting import words

    environment = Environment(
        loader=ChoiceLoader([PackageLoader(package, "."), PackageLoader("synth_sdk.reporting", "templates")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "breakable": _breakable,
        "cut": words.cut,
        "count": words.count,
        "figure": words.figure,
        "percent": words.percent,
        "took": words.took,
    }
    environment.globals["plural"] = words.plural
    return environment.get_template(name)


@cache
def script(name: str) -> tuple[str, str]:
    """A script of the folder `templates`, and the source expression by which a page's content security policy admits it and no other."""
    code = (Path(__file__).parent / "templates" / name).read_text("utf-8")
    digest = b64encode(hashlib.sha256(code.encode()).digest()).decode()
    return code, f"'sha256-{digest}'"


def _breakable(name: str) -> "Markup":
    """A long name that may go on in the next line behind each of its parts."""
    from markupsafe import Markup, escape

    return Markup("<wbr>").join(map(escape, _BREAKS.split(name)))
