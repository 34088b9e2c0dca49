"""The city as metrics shows it: new areas at once, the time zone of its days at the next start."""

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from tests.unit.city.twoside import edit, write_city

from concord_bus.extensions.city_folder import read_after_check
from concord_metrics.adapters.area_geojson import NO_OUTLINES
from concord_metrics.adapters.live_city import CityInfo, watch_city

ZONE = ZoneInfo("America/New_York")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_city(tmp_path)


def test_changed_areas_are_shown(folder: Path) -> None:
    watch = watch_city(folder, lambda read, place: read(place))
    city = CityInfo(ZONE, watch)
    before = city.digest
    edit(folder, "areas.geojson", '"area_name": "East"', '"area_name": "Orient"')
    watch.look()
    watch.look()
    assert city.outlines.names == {"west": "West", "east": "Orient"}
    assert city.digest != before
    assert city.warning() is None


def test_another_time_zone_waits_for_a_restart_and_says_so(folder: Path) -> None:
    watch = watch_city(folder, lambda read, place: read(place))
    city = CityInfo(ZONE, watch)
    edit(folder, "city.toml", "America/New_York", "America/Chicago")
    watch.look()
    watch.look()
    assert "the days of metrics follow America/New_York: restart it" in str(city.warning())


def test_an_error_in_a_part_that_metrics_does_not_read_keeps_the_areas(folder: Path) -> None:
    watch = watch_city(folder, read_after_check)
    city = CityInfo(ZONE, watch)
    edit(folder, "areas.geojson", '"area_name": "East"', '"area_name": "Orient"')
    edit(folder, "rules.toml", '"works"', '"work"')
    watch.look()
    watch.look()
    assert city.outlines.names["east"] == "East"
    assert "has errors (rules.toml:12)" in str(city.warning())


def test_without_a_folder_there_are_no_areas() -> None:
    city = CityInfo(ZONE)
    assert (city.outlines, city.digest, city.warning()) == (NO_OUTLINES, None, None)


def test_the_zone_of_the_folder_does_not_matter_beside_a_setting(folder: Path) -> None:
    watch = watch_city(folder, lambda read, place: read(place))
    city = CityInfo(ZoneInfo("UTC"), watch)
    edit(folder, "city.toml", "America/New_York", "America/Chicago")
    watch.look()
    watch.look()
    assert city.warning() is None
