"""The sample cities: usable, true to the recorded districts, and made again byte for byte."""

import csv
import os
import subprocess
import sys
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

import pytest

from concord_city import Assignment, City, Located, Locator, check, decide, load, promise

ROOT = Path(__file__).resolve().parents[3]
SAMPLE = ROOT / "deploy" / "sample"
DATA = Path(os.environ.get("CONCORD_CITY_DATA", ROOT.parent / "shared" / "data"))
needs_data = pytest.mark.skipif(
    not (DATA / "boston" / "records.csv").is_file(), reason="the full data are not here (CONCORD_CITY_DATA)"
)
TODAY = date(2026, 12, 1)
Records = list[dict[str, str]]


def read(path: Path) -> Records:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def points(records: Records) -> list[tuple[float, float] | None]:
    return [(float(row["n_lon"]), float(row["n_lat"])) if row["n_lon"] else None for row in records]


def locate(city: City, records: Records) -> list[Located]:
    return Locator(city).locate_all(points(records))


def agreement(located: Sequence[Located], records: Records) -> float:
    """Share of the records with a point, no placeholder, and a recorded district that agree with it."""
    judged = [
        found.area == row["n_area"]
        for found, row in zip(located, records, strict=True)
        if row["n_area"] and found.reason not in ("placeholder", "no_location")
    ]
    assert judged
    return sum(judged) / len(judged)


@pytest.fixture(scope="module")
def boston() -> City:
    return load(SAMPLE / "boston" / "city")


@pytest.fixture(scope="module")
def sample() -> Records:
    return read(SAMPLE / "boston" / "records.csv")


def test_boston_has_nothing_to_say() -> None:
    assert check(SAMPLE / "boston" / "city", today=TODAY, texts=("en", "es")) == []


def test_vancouver_is_usable_and_its_slivers_are_said() -> None:
    found = check(SAMPLE / "vancouver" / "city", today=TODAY, texts=("en", "es"))
    assert {finding.level for finding in found} == {"warning"}
    assert {finding.file for finding in found} == {"areas.geojson"}
    assert any("'RP' and 'MP' overlap by 5," in finding.message for finding in found)


def test_the_sample_is_spread_over_the_half_year(sample: Records) -> None:
    assert len({row["n_id"] for row in sample}) == len(sample) == 2000
    months = [row["n_time"][:7] for row in sample]
    assert months == sorted(months)
    assert set(months) == {f"2015-0{month}" for month in range(1, 7)}
    assert min(months.count(month) for month in set(months)) > 200


def test_the_sample_agrees_with_the_recorded_district(boston: City, sample: Records) -> None:
    assert agreement(locate(boston, sample), sample) >= 0.99


def test_every_sample_concern_gets_a_team_or_a_reason(boston: City, sample: Records) -> None:
    reasons = set()
    for row, found in zip(sample, locate(boston, sample), strict=True):
        at = datetime.fromisoformat(row["n_time"])
        verdict = decide(boston, found, row["n_category"], row["n_channel"], at)
        if isinstance(verdict, Assignment):
            assert verdict.team in boston.teams
            made = promise(boston, boston.rules[verdict.rule_index], at)
            assert at < made.acknowledge_by < made.respond_by
        else:
            reasons.add(verdict.reason)
    assert reasons <= {"placeholder", "outside"}
    assert "placeholder" in reasons


def test_the_placeholder_goes_to_no_district(boston: City) -> None:
    assert Locator(boston).locate_all([(-71.0587, 42.3594)])[0].reason == "placeholder"


@needs_data
def test_all_of_boston_agrees(boston: City) -> None:
    records = read(DATA / "boston" / "records.csv")
    located = locate(boston, records)
    assert agreement(located, records) >= 0.99
    assert sum(found.reason == "placeholder" for found in located) == 1439


@needs_data
def test_all_of_vancouver_agrees() -> None:
    records = read(DATA / "vancouver" / "records.csv")
    located = locate(load(SAMPLE / "vancouver" / "city"), records)
    assert agreement(located, records) >= 0.97
    assert sum(found.reason == "no_location" for found in located) == 3878


@needs_data
def test_the_script_makes_the_same_files_again(tmp_path: Path) -> None:
    script = SAMPLE / "make_sample.py"
    subprocess.run([sys.executable, script, DATA, "--into", tmp_path], check=True, capture_output=True)
    made = sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file())
    assert len(made) == 3
    for path in made:
        assert (tmp_path / path).read_bytes() == (SAMPLE / path).read_bytes(), path


def test_the_script_says_what_is_missing(tmp_path: Path) -> None:
    script = SAMPLE / "make_sample.py"
    result = subprocess.run([sys.executable, script, tmp_path], check=False, capture_output=True, text=True)
    assert result.returncode == 1
    assert "records.csv is missing" in result.stderr or "boundaries.geojson is missing" in result.stderr
