"""Reporting: a report, as JSON has it, rendered for people."""

import json
from collections.abc import Mapping
from typing import Any

__all__ = ["markdown", "page", "render"]


def render(report: Mapping[str, Any], suffix: str) -> str:
    """The report as text: Markdown for ".md", a page for ".html" and ".htm", else JSON. Halves of surrogate pairs are written as escapes."""
    match suffix.lower():
        case ".md":
            said = markdown(report)
        case ".html" | ".htm":
            said = page(report)
        case _:
            said = json.dumps(report, indent=2, ensure_ascii=False) + "\n"
    return said.encode("utf-8", "backslashreplace").decode("utf-8")


def markdown(report: Mapping[str, Any]) -> str:
    """The report in Markdown, with the lines that people know first."""
    from synth_sdk.reporting.to_markdown import markdown as written

    return written(report)


def page(report: Mapping[str, Any]) -> str:
    """The report as one HTML page that needs nothing from the network."""
    from synth_sdk.reporting.to_page import page as drawn

    return drawn(report)
