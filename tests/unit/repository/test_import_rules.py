"""The import rules of pyproject.toml name each command group that is a folder."""

import tomllib
from pathlib import Path

import concord_cli

ROOT = Path(__file__).resolve().parents[3]
SHARED = ("common", "records")
"""Folders that are no command group: several groups use them."""


def contract(name: str) -> dict[str, list[str]]:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    (found,) = (each for each in contracts if each["name"] == name)
    return found


def groups() -> list[str]:
    folders = sorted(file.parent.name for file in Path(concord_cli.__file__).parent.glob("*/__init__.py"))
    return [f"concord_cli.{name}" for name in folders if name not in SHARED]


def test_no_command_group_imports_another() -> None:
    assert sorted(contract("Command groups do not import one another")["modules"]) == groups()


def test_shared_code_imports_no_command_group() -> None:
    rule = contract("Code that command groups share imports no group")
    assert sorted(rule["forbidden_modules"]) == groups()
    assert sorted(rule["source_modules"]) == [f"concord_cli.{name}" for name in SHARED]
