"""The guide of the first day, from an empty folder to the ops page with figures, in under five minutes."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from concord_city import load

from .guide_commands import ROOT, commands_of
from .guide_shell import Shell
from .running import NO_LIMITS, gone

PAGE = "docs/guide/first-day.md"
PLAIN = {name: value for name, value in os.environ.items() if not name.startswith("CONCORD_")}
INVENTED = ROOT / "deploy" / "sample" / "invented"
MAX_SECONDS = 300
RECORDS, WITHOUT_AREA = 150, 20
"""Rows of an invented export; those at the city hall or without a place."""
RESOLVED = 100
"""Rows that are closed and have an area."""


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    """A terminal in a clone, whose home folder is empty."""
    clone = tmp_path / "clone"
    clone.mkdir()
    for part in ("deploy", "docs", "scripts", "services", "shared", ".venv"):
        (clone / part).symlink_to(ROOT / part)
    with Shell(clone, PLAIN | NO_LIMITS | {"HOME": str(tmp_path)}) as shell:
        yield shell


def in_city(command: str, city: str) -> str:
    """The command of the guide, with the files of another city."""
    (boundaries,) = (INVENTED / city).glob("*.geojson")
    return command.replace("districts.geojson", boundaries.name).replace("chicago", city)


def succeed(shell: Shell, command: str) -> str:
    code, said = shell.run(command)
    assert code == 0, f"{command}\n{said}"
    return said


@pytest.mark.parametrize("city", ["chicago", "new-york"])
def test_from_an_empty_folder_to_figures(city: str, shell: Shell, tmp_path: Path) -> None:
    path, init, up, summary, again, check = (in_city(command.text, city) for command in commands_of(PAGE))
    start = monotonic()
    succeed(shell, path)
    assert "150 of 150 rows of 311.csv are records." in succeed(shell, init)
    running = shell.start(f"{up} --port-base 0")
    try:
        running.await_text("Running until Ctrl-C")
        home = tmp_path / f"concord-{city}"
        metrics = json.loads((home / "running.json").read_text("utf-8"))["urls"]["metrics"]
        figures: dict[str, Any] = json.loads(succeed(shell, summary.replace("http://127.0.0.1:8083", metrics)))
        page = succeed(shell, f"curl -sf {metrics}/ops")
        seconds = monotonic() - start

        assert seconds < MAX_SECONDS
        assert "<!doctype html>" in page
        totals = figures["totals"]
        assert (totals["received"], totals["routed"]) == (RECORDS, RECORDS - WITHOUT_AREA)
        assert totals["resolved"] >= RESOLVED
        assert figures["time_zone"] == load(tmp_path / city).time_zone
        assert "150 of 150 records are in" in succeed(shell, again)
        after = json.loads(succeed(shell, summary.replace("http://127.0.0.1:8083", metrics)))
        assert after["totals"]["received"] == RECORDS
        assert "usable, 0 errors" in succeed(shell, check)
    finally:
        running.interrupt()
    assert gone(tmp_path / f"concord-{city}", 10)
