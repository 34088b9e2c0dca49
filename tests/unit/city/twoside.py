"""A small city for tests: two squares of 0.02 degrees side by side, and the folder it is written in."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import shapely

from concord_city import Area, Category, City, Placeholder, Rule, Span, Team, WorkingHours

NINE_TO_FIVE = WorkingHours((((540, 1020),),) * 5 + ((),) * 2)
FOUR_HOURS = Span(timedelta(hours=4), "working")
TWO_DAYS = Span(timedelta(hours=48), "clock")


def square(west: float, south: float, size: float = 0.02) -> shapely.Polygon:
    return shapely.box(west, south, west + size, south + size)


def rule(team: str = "works", **chosen: Any) -> Rule:
    return Rule(team, chosen.pop("acknowledge", FOUR_HOURS), chosen.pop("respond", TWO_DAYS), **chosen)


def city(**changes: Any) -> City:
    shapes = changes.pop("shapes", {"west": square(-71.02, 42.0), "east": square(-71.0, 42.0)})
    whole = City(
        name="Twoside",
        time_zone="America/New_York",
        languages=("en", "es"),
        emergency_number="911",
        areas={code: Area(code, code.title(), shape.wkb) for code, shape in shapes.items()},
        categories={
            code: Category(code, {"en": code, "es": code}, sensitive=False, group="All")
            for code in ("noise", "graffiti")
        },
        teams={"works": Team("works", {"en": "Works", "es": "Obras"}, None)},
        rules=(rule(),),
        placeholders=(Placeholder(-71.01, 42.01, 1.0),),
        border_m=25.0,
        working_hours=NINE_TO_FIVE,
    )
    return replace(whole, **changes)


CITY_TOML = """\
name = "Twoside"
time_zone = "America/New_York"
languages = ["en", "es"]
emergency_number = "911"
border_m = 25
holidays = [2099-01-01]

[emergency_words]
en = ["gun"]
es = ["pistola"]

[working_hours]
mon = "09:00-17:00"

[[placeholder]]
lon = -71.01
lat = 42.01
"""
CATEGORIES_TOML = """\
[[category]]
code = "noise"
name = { en = "Noise", es = "Ruido" }
sensitive = true
group = "Neighbours"

[[category]]
code = "graffiti"
name = { en = "Graffiti", es = "Grafiti" }
sensitive = false
group = "Streets"
"""
TEAMS_TOML = """\
[[team]]
code = "works"
name = { en = "Works", es = "Obras" }

[[team]]
code = "team-west"
name = { en = "West", es = "Oeste" }
email = "west@example.org"
"""
RULES_TOML = """\
[[rule]]
areas = ["west"]
categories = [
  "noise",
]
hours = "22:00-06:00"
team = "team-{area}"
acknowledge = "1 clock hours"
respond = "24 clock hours"

[[rule]]
team = "works"
acknowledge = "4 working hours"
respond = "16 working hours"
"""


def feature(code: str, shape: shapely.Geometry) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": {"area_id": code, "area_name": code.title()},
        "geometry": json.loads(shapely.to_geojson(shape)),
    }


def geojson(*features: dict[str, Any]) -> str:
    lines = ",\n".join(json.dumps(each) for each in features)
    return '{"type": "FeatureCollection", "features": [\n' + lines + "\n]}\n"


def write_city(folder: Path) -> Path:
    """The folder of a city in which nothing is wrong."""
    areas = geojson(feature("west", square(-71.02, 42.0)), feature("east", square(-71.0, 42.0)))
    for name, text in (
        ("city.toml", CITY_TOML),
        ("areas.geojson", areas),
        ("categories.toml", CATEGORIES_TOML),
        ("teams.toml", TEAMS_TOML),
        ("rules.toml", RULES_TOML),
    ):
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def edit(folder: Path, name: str, old: str, new: str) -> None:
    """Spoil one place of one file."""
    text = (folder / name).read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{old!r} is there {text.count(old)} times"
    (folder / name).write_text(text.replace(old, new), encoding="utf-8")
