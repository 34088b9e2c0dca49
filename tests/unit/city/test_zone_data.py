"""Time zones follow the pinned tzdata in every process, whatever files the system has."""

import ast
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from concord_city import load

ROOT = Path(__file__).parents[3]
PACKAGES = [folder for room in ("shared", "services") for folder in ROOT.glob(f"{room}/*/concord_*")]


def imported(file: Path) -> set[str]:
    """The modules that a file imports."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names


def users() -> list[str]:
    """The packages with a module that imports zoneinfo."""
    return sorted(
        folder.name for folder in PACKAGES if any("zoneinfo" in imported(file) for file in folder.rglob("*.py"))
    )


@pytest.mark.parametrize("package", users())
def test_a_package_with_time_zones_uses_the_pinned_data(package: str, tmp_path: Path) -> None:
    """As the first import of a process, and also where the environment names other files."""
    (tmp_path / "America").mkdir()
    (tmp_path / "America" / "Vancouver").write_bytes(b"TZif2 of another release")
    program = (
        f"import {package}, zoneinfo, datetime; "
        "noon = datetime.datetime(2026, 12, 15, 12, tzinfo=zoneinfo.ZoneInfo('America/Vancouver')); "
        "print(noon.utcoffset().total_seconds() / 3600)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONTZPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout == "-7.0\n", done.stderr


def test_british_columbia_keeps_its_summer_time_from_november_2026() -> None:
    zone = load(ROOT / "deploy" / "sample" / "vancouver" / "city").zone
    offsets = [
        datetime(year, month, 15, 20, tzinfo=UTC).astimezone(zone).utcoffset()
        for year, month in ((2025, 12), (2026, 7), (2026, 12), (2027, 7), (2027, 12))
    ]

    assert offsets == [timedelta(hours=hours) for hours in (-8, -7, -7, -7, -7)]
