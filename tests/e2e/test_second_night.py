"""Two nightly exports of one city: what it closed, reopened or moved in between reaches the case, and nothing twice."""

import csv
import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest

from .running import SAMPLE, Up, gone

HEAD = ["n_id", "n_category", "n_text", "n_time", "n_lon", "n_lat", "n_area", "n_closed", "n_target"]
OUTSIDE = ("-71.5", "42.0")
TARGET = "2026-11-09T17:00:00-05:00"


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    home = tmp_path_factory.mktemp("nights") / "home"
    with Up(home, "--no-import", once=False) as running:
        running.await_line("Running until Ctrl-C.")
        yield running
    assert gone(home, 10)


def record(
    number: int, *, closed: str = "", target: str = "", text: str = "Example", outside: bool = False
) -> list[str]:
    with SAMPLE.open(encoding="utf-8", newline="") as lines:
        row = next(row for row in csv.DictReader(lines) if row["n_area"] and row["n_lon"])
    place = OUTSIDE if outside else (row["n_lon"], row["n_lat"])
    opened = f"2026-11-02T10:0{number}:00-05:00"
    return [f"N{number}", row["n_category"], text, opened, *place, row["n_area"], closed, target]


def night(up: Up, folder: Path, *records: list[str], dry_run: bool = False) -> tuple[int, dict[str, Any]]:
    """Import an export of that night; the exit code and the report."""
    file = folder / "open311.csv"
    with file.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows([HEAD, *records])
    command = [sys.executable, "-m", "concord_cli", "import", "--history", "--source", "open311", "--json"]
    command += ["--home", str(up.home), str(file), *["--dry-run"] * dry_run]
    env = {name: value for name, value in os.environ.items() if not name.startswith("CONCORD_")}
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, env=env, check=False)
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


def ask(up: Up, path: str) -> Any:
    token = (up.home / "keys" / "ops-token").read_text("ascii").strip()
    request = urllib.request.Request(
        f"{up.running()['urls']['routing']}{path}", headers={"Authorization": f"Bearer {token}"}
    )
    with urllib.request.urlopen(request, timeout=20) as response:
        return json.load(response)


def cases(up: Up) -> list[dict[str, Any]]:
    """The cases in the order of the records, each with its promises."""
    in_order = sorted(ask(up, "/v1/cases")["cases"], key=lambda case: str(case["received_at"]))
    return [ask(up, f"/v1/cases/{case['case_id']}") for case in in_order]


def soon(is_true: Callable[[], bool], seconds: float = 30) -> None:
    deadline = monotonic() + seconds
    while not is_true():
        assert monotonic() < deadline
        sleep(0.1)


def test_the_second_night(up: Up, tmp_path: Path) -> None:
    first = [
        record(1, target=TARGET),
        record(2, target=TARGET),
        record(3, closed="2026-11-03T10:00:00-05:00"),
        record(4, outside=True),
        record(5, outside=True, closed=TARGET, target=TARGET),
        record(6),
    ]
    code, told = night(up, tmp_path, *first)
    assert (code, told["taken_in"]) == (0, 6)
    soon(lambda: len(cases(up)) == 6)
    assert [case["state"] for case in cases(up)] == ["routed", "routed", "resolved", "triage", "closed", "routed"]
    code, told = night(up, tmp_path, *first)
    assert (code, told["already_in"], told["updated"]) == (0, 6, 0)

    second = [
        record(1, target=TARGET, closed=TARGET),
        record(2, target="2026-11-30T17:00:00-05:00", closed="2026-11-20T10:00:00-05:00"),
        record(3),
        record(4, outside=True, closed="2026-11-20T10:00:00-05:00", target=TARGET),
        first[4],
        record(6, text="Another text"),
        record(7),
    ]
    code, told = night(up, tmp_path, *second, dry_run=True)
    expected = {"new": 1, "updated": 4, "already": 1, "differs": [{"id": "N6", "fields": ["description"]}]}
    assert (code, told["intake"]) == (1, {**expected, "refused": [], "failure": None})
    code, told = night(up, tmp_path, *second)
    assert (code, told["taken_in"], told["updated"], told["already_in"]) == (1, 7, 4, 1)
    assert told["differs"] == expected["differs"]
    states = ["resolved", "resolved", "reopened", "closed", "closed", "routed", "routed"]
    soon(lambda: [case["state"] for case in cases(up)] == states)
    promises = [[promise["state"] for promise in case["promises"]] for case in cases(up)]
    assert promises == [["kept"], ["kept"], [], ["missed"], ["kept"], [], []]
    assert cases(up)[0]["history"][-1]["at"] == "2026-11-09T22:00:00Z"

    before = cases(up)
    code, told = night(up, tmp_path, *second)
    assert (code, told["already_in"], told["updated"]) == (1, 6, 0)
    assert cases(up) == before
