"""The floors of docs/architecture.md hold, and every folder has one."""

from pathlib import Path

from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports


def test_import_contracts_hold(monkeypatch):
    monkeypatch.chdir(Path(__file__).parents[2])
    assert lint_imports(config_filename="pyproject.toml", no_cache=True) == EXIT_STATUS_SUCCESS
