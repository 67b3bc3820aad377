"""The docs run: every console and Python block of README and docs is executed offline, its output compared.

Console blocks: lines that start with `$ ` are run by a shell in one folder per file; the lines that follow are the expected output
(stdout and stderr), where `...` stands for anything. Python blocks run as scripts; a text block right after one is its output. A block
with a file's name behind its language (```yaml shop.yaml) is that file.
"""

import re
import subprocess
from pathlib import Path

import pytest

from tests.support.warm import warm_path, warm_python

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"^```(console|python|\w+ [\w.]+)\n(.*?)^```\n(?:\n?^```text\n(.*?)^```)?", re.MULTILINE | re.DOTALL)


def run(command, folder):
    env = {
        "PATH": warm_path(),  # hundreds of commands are forked, not started
        "SYNTH_HOME": str(folder / ".home"),
        "HOME": str(folder),
        "COLUMNS": "110",
    }
    return subprocess.run(
        command, cwd=folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120, check=False
    ).stdout


def same(expected, actual):
    pattern = re.escape(re.sub(r"[ \t]+$", "", expected, flags=re.MULTILINE).strip()).replace(r"\.\.\.", ".*")
    return re.fullmatch(pattern, re.sub(r"[ \t]+$", "", actual, flags=re.MULTILINE).strip(), re.DOTALL) is not None


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_examples_run_and_print_what_the_page_says(page, tmp_path):
    for language, body, output in BLOCK.findall(page.read_text("utf-8")):
        if " " in language:
            (tmp_path / language.split()[1]).write_text(body, "utf-8")
        elif language == "python":
            actual = run([warm_python(), "-c", body], tmp_path)
            assert same(output, actual), f"{body}\n--- printed ---\n{actual}"
        else:
            for command, expected in re.findall(r"^\$ (.*(?:\\\n.*)*)\n((?:(?!\$ ).*\n)*)", body, re.MULTILINE):
                actual = run(["bash", "-c", command], tmp_path)
                assert same(expected, actual), f"$ {command}\n--- printed ---\n{actual}"


def test_every_link_between_pages_leads_somewhere():
    for page in [*PAGES, *(ROOT / name for name in ("CONTRIBUTING.md", "SECURITY.md"))]:
        prose = re.sub(r"```.*?```|`[^`\n]*`", "", page.read_text("utf-8"), flags=re.DOTALL)
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", prose):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
