"""Zone data: both releases are named, and a difference only where the city would meet it."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from concord_cli.doctor.findings import Level
from concord_cli.doctor.zone_probe import examine_zone
from concord_cli.doctor.zone_rules import ZoneData, check_zone, first_difference

NOW = datetime(2026, 6, 1, tzinfo=UTC)
VANCOUVER = ZoneInfo("America/Vancouver")
LOS_ANGELES = ZoneInfo("America/Los_Angeles")
"""The same hours as Vancouver until November 2026."""


def test_a_difference_is_named_with_its_first_day() -> None:
    finding = check_zone("America/Vancouver", ZoneData("2026f", VANCOUVER), ZoneData("2025b", LOS_ANGELES), NOW)
    assert finding.level is Level.WARNING
    assert finding.what == ("Concord's 2026f, the system's 2025b: they differ for America/Vancouver from 2026-11-01 on")
    assert finding.remedy.startswith("Update the system's package tzdata")


def test_newer_files_of_the_system_ask_for_a_newer_concord() -> None:
    finding = check_zone("x", ZoneData("2026f", LOS_ANGELES), ZoneData("2027a", VANCOUVER), NOW)
    assert finding.remedy.startswith("Install a version of Concord with a newer tzdata")


@pytest.mark.parametrize("system", [ZoneData("2025b", LOS_ANGELES), ZoneData(None, None)])
def test_other_releases_that_agree_are_no_fault(system: ZoneData) -> None:
    finding = check_zone("America/Los_Angeles", ZoneData("2026f", LOS_ANGELES), system, NOW)
    assert finding.level is Level.OK
    assert "2026f" in finding.what


def test_a_difference_beyond_the_horizon_is_none() -> None:
    assert first_difference(VANCOUVER, LOS_ANGELES, NOW - timedelta(days=1000)) is None
    assert first_difference(UTC, timezone(timedelta(hours=1)), NOW) == NOW


def test_the_system_s_files_are_read_beside_the_pinned_ones(tmp_path: Path) -> None:
    """The system's Vancouver is as in 2025: the rules of Los Angeles."""
    (tmp_path / "city.toml").write_text('time_zone = "America/Vancouver"\n', "utf-8-sig")
    folder = tmp_path / "zoneinfo" / "America"
    folder.mkdir(parents=True)
    rules = Path(pytest.importorskip("tzdata").__file__).parent / "zoneinfo" / "America" / "Los_Angeles"
    (folder / "Vancouver").write_bytes(rules.read_bytes())
    (folder.parent / "tzdata.zi").write_text("# version 2025b\n", "utf-8")

    (finding,) = examine_zone(tmp_path, {}, [tmp_path / "none", folder.parent])
    assert (finding.level, "the system's 2025b: they differ" in finding.what) == (Level.WARNING, True)
    (finding,) = examine_zone(tmp_path, {"CONCORD_TIME_ZONE": "America/New_York"}, [folder.parent])
    assert (finding.level, finding.what.endswith("for America/New_York; the system has none")) == (Level.OK, True)
    (finding,) = examine_zone(None, {}, [folder.parent])
    assert "for UTC" in finding.what
