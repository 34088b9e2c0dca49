"""Makes `deploy/sample/invented`: exports and boundary files of four cities, with invented content.

The names of columns and properties, and the forms of times, are those that the cities publish. Places, times, ids and
texts come from a random generator with a fixed seed, so the same program gives the same files.

    python deploy/sample/make_invented.py [FOLDER]
"""

import csv
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

ROWS = 150
SIDE = 0.02
"""Degrees of the side of a square area."""
START = datetime.fromisoformat("2025-09-01T08:00")
Cells = dict[str, str]


@dataclass(frozen=True)
class Report:
    """An invented report. `place` is (lon, lat), None for one that is not known; times are local."""

    number: int
    kind: str
    opened: datetime
    closed: datetime | None
    place: tuple[float, float] | None
    channel: str


@dataclass(frozen=True)
class InventedCity:
    """A city whose areas are squares in a row from `west`, `south`, one for each entry of `areas`.

    `parts` are the numbers of entries that are parts of the area before them. `cells` turns a report into the cells
    that are not empty.
    """

    folder: str
    boundaries: str
    west: float
    south: float
    areas: Sequence[Mapping[str, Any]]
    head: str
    kinds: Sequence[str]
    channels: Sequence[str]
    cells: Callable[[Report], Cells]


def us_time(time: datetime | None) -> str:
    return time.strftime("%m/%d/%Y %I:%M:%S %p") if time else ""


def iso_time(time: datetime | None) -> str:
    return time.isoformat() if time else ""


def degrees(place: tuple[float, float] | None) -> tuple[str, str]:
    return (f"{place[0]:.6f}", f"{place[1]:.6f}") if place else ("", "")


def pair(place: tuple[float, float] | None) -> str:
    return f"({place[1]:.6f}, {place[0]:.6f})" if place else ""


def new_york(report: Report) -> Cells:
    lon, lat = degrees(report.place)
    return {
        "Unique Key": str(90_000_000 + report.number),
        "Created Date": us_time(report.opened),
        "Closed Date": us_time(report.closed),
        "Agency": "EXM",
        "Agency Name": "Example Department",
        "Complaint Type": report.kind,
        "Status": "Closed" if report.closed else "Open",
        "Open Data Channel Type": report.channel,
        "Latitude": lat,
        "Longitude": lon,
        "Location": pair(report.place),
    }


def chicago(report: Report) -> Cells:
    lon, lat = degrees(report.place)
    return {
        "SR_NUMBER": f"SR26-{report.number:08}",
        "SR_TYPE": report.kind,
        "OWNER_DEPARTMENT": "Example Department",
        "STATUS": "Completed" if report.closed else "Open",
        "ORIGIN": report.channel,
        "CREATED_DATE": us_time(report.opened),
        "LAST_MODIFIED_DATE": us_time(report.closed or report.opened),
        "CLOSED_DATE": us_time(report.closed),
        "LATITUDE": lat,
        "LONGITUDE": lon,
        "LOCATION": pair(report.place),
    }


def los_angeles(report: Report) -> Cells:
    lon, lat = degrees(report.place)
    return {
        "SRNumber": f"1-{900_000_000 + report.number}",
        "CreatedDate": us_time(report.opened),
        "UpdatedDate": us_time(report.closed or report.opened),
        "RequestType": report.kind,
        "Status": "Closed" if report.closed else "Open",
        "RequestSource": report.channel,
        "ClosedDate": us_time(report.closed),
        "Latitude": lat,
        "Longitude": lon,
        "Location": pair(report.place),
    }


def san_francisco(report: Report) -> Cells:
    lon, lat = degrees(report.place)
    return {
        "CaseID": str(19_000_000 + report.number),
        "Opened": us_time(report.opened),
        "Closed": us_time(report.closed),
        "Updated": us_time(report.closed or report.opened),
        "Status": "Closed" if report.closed else "Open",
        "Responsible Agency": "Example Queue",
        "Category": report.kind,
        "Latitude": lat,
        "Longitude": lon,
        "Point": pair(report.place),
        "Source": report.channel,
    }


CITIES = (
    InventedCity(
        "new-york",
        "precincts.geojson",
        -74.02,
        40.70,
        [{"precinct": str(n), "shape_leng": f"{n}123.5", "shape_area": f"{n}4567.25"} for n in (1, 5, 6, 7, 9, 10)],
        "Unique Key|Created Date|Closed Date|Agency|Agency Name|Complaint Type|Descriptor|Location Type|Incident Zip|"
        "Incident Address|Street Name|Cross Street 1|Cross Street 2|Intersection Street 1|Intersection Street 2|"
        "Address Type|City|Landmark|Facility Type|Status|Due Date|Resolution Description|"
        "Resolution Action Updated Date|Community Board|BBL|Borough|X Coordinate (State Plane)|"
        "Y Coordinate (State Plane)|Open Data Channel Type|Park Facility Name|Park Borough|Vehicle Type|"
        "Taxi Company Borough|Taxi Pick Up Location|Bridge Highway Name|Bridge Highway Direction|Road Ramp|"
        "Bridge Highway Segment|Latitude|Longitude|Location",
        ("Noise - Residential", "Illegal Parking", "HEAT/HOT WATER", "Graffiti", "Street Light Condition"),
        ("PHONE", "ONLINE", "MOBILE"),
        new_york,
    ),
    InventedCity(
        "chicago",
        "districts.geojson",
        -87.70,
        41.85,
        [{"dist_label": label, "dist_num": label[:-2]} for label in ("1ST", "2ND", "31ST", "31ST", "17TH", "20TH")],
        "SR_NUMBER|SR_TYPE|SR_SHORT_CODE|CREATED_DEPARTMENT|OWNER_DEPARTMENT|STATUS|ORIGIN|CREATED_DATE|"
        "LAST_MODIFIED_DATE|CLOSED_DATE|STREET_ADDRESS|CITY|STATE|ZIP_CODE|STREET_NUMBER|STREET_DIRECTION|STREET_NAME|"
        "STREET_TYPE|DUPLICATE|LEGACY_RECORD|LEGACY_SR_NUMBER|PARENT_SR_NUMBER|COMMUNITY_AREA|WARD|"
        "ELECTRICAL_DISTRICT|ELECTRICITY_GRID|POLICE_SECTOR|POLICE_DISTRICT|POLICE_BEAT|PRECINCT|"
        "SANITATION_DIVISION_DAYS|CREATED_HOUR|CREATED_DAY_OF_WEEK|CREATED_MONTH|X_COORDINATE|Y_COORDINATE|LATITUDE|"
        "LONGITUDE|LOCATION",
        ("Pothole in Street Complaint", "Graffiti Removal Request", "Street Light Out Complaint", "Abandoned Vehicle"),
        ("Phone Call", "Internet", "Mobile Device"),
        chicago,
    ),
    InventedCity(
        "los-angeles",
        "neighborhood-councils.geojson",
        -118.30,
        34.05,
        [
            {
                "OBJECTID": n,
                "NAME": f"{name} EXAMPLE NC",
                "NC_ID": 40 + n,
                "WADDRESS": "http://nc.example/",
                "CERTIFIED": "",
            }
            for n, name in enumerate(("NORTH", "EAST", "SOUTH", "WEST", "HARBOR"), 1)
        ],
        "SRNumber|CreatedDate|UpdatedDate|ActionTaken|Owner|RequestType|Status|RequestSource|CreatedByUserOrganization|"
        "MobileOS|Anonymous|AssignTo|ServiceDate|ClosedDate|AddressVerified|ApproximateAddress|Address|HouseNumber|"
        "Direction|StreetName|Suffix|ZipCode|Latitude|Longitude|Location|TBMPage|TBMColumn|TBMRow|APC|CD|CDMember|NC|"
        "NCName|PolicePrecinct",
        (
            "Graffiti Removal",
            "Bulky Items",
            "Illegal Dumping Pickup",
            "Homeless Encampment",
            "Single Streetlight Issue",
        ),
        ("Mobile App", "Call", "Self Service", "Email"),
        los_angeles,
    ),
    InventedCity(
        "san-francisco",
        "police-districts.geojson",
        -122.47,
        37.74,
        [
            {"shape_area": f"9{n}123.75", "district": name, "company": "ABCDE"[n], "shape_leng": f"8{n}12.5"}
            for n, name in enumerate(("CENTRAL", "SOUTHERN", "BAYVIEW", "MISSION", "NORTHERN"))
        ],
        "CaseID|Opened|Closed|Updated|Status|Status Notes|Responsible Agency|Category|Request Type|Request Details|"
        "Address|Street|Supervisor District|Neighborhood|Analysis Neighborhood|Police District|Latitude|Longitude|"
        "Point|Source|Media URL|BOS_2012|data_as_of|data_loaded_at",
        ("Street and Sidewalk Cleaning", "Encampments", "Graffiti", "Parking Enforcement", "Noise Report"),
        ("Mobile/Open311", "Phone", "Web"),
        san_francisco,
    ),
)


def reports(city: InventedCity) -> Iterator[Report]:
    """Yield reports in order. One in ten has the point of the city's hall, one in thirty has no place."""
    random = Random(city.folder)
    hall = (city.west + 2.5 * SIDE, city.south + SIDE / 2)
    opened = START
    for number in range(1, ROWS + 1):
        opened += timedelta(minutes=random.randrange(5, 1200))
        anywhere = (city.west + random.random() * SIDE * len(city.areas), city.south + random.random() * SIDE)
        place = hall if number % 10 == 0 else None if number % 30 == 7 else anywhere
        closed = None if number % 4 == 0 else opened + timedelta(minutes=random.randrange(30, 20_000))
        yield Report(number, random.choice(city.kinds), opened, closed, place, random.choice(city.channels))


def boundaries(city: InventedCity) -> str:
    """Return the squares as GeoJSON, one feature a line."""
    features = [_feature(city, number, dict(properties)) for number, properties in enumerate(city.areas)]
    lines = ",\n".join(json.dumps(feature) for feature in features)
    return f'{{"type": "FeatureCollection", "features": [\n{lines}\n]}}\n'


def _feature(city: InventedCity, number: int, properties: dict[str, Any]) -> dict[str, Any]:
    west, east = round(city.west + number * SIDE, 6), round(city.west + (number + 1) * SIDE, 6)
    south, north = city.south, round(city.south + SIDE, 6)
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Feature", "properties": properties, "geometry": {"type": "Polygon", "coordinates": [ring]}}


def write(folder: Path) -> None:
    """Write a folder for each city."""
    for city in CITIES:
        target = folder / city.folder
        target.mkdir(parents=True, exist_ok=True)
        (target / city.boundaries).write_text(boundaries(city), "utf-8")
        with (target / "311.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, city.head.split("|"), restval="", lineterminator="\n")
            writer.writeheader()
            writer.writerows(city.cells(report) for report in reports(city))


if __name__ == "__main__":
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "invented")
