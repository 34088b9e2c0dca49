"""Make the sample's areas and records again from the cities' published data.

    python deploy/sample/make_sample.py FOLDER      (FOLDER holds boston/ and vancouver/)

Facts only: ids, categories, request types, times (opened, promised, closed), points, recorded districts, channels. No
text written by staff, no closing remark, no title. The hand-written city.toml, categories.toml, teams.toml and
rules.toml stay as they are. The same data give the same files, byte for byte.
"""

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click
import shapely
from shapely.geometry.base import BaseGeometry

HERE = Path(__file__).resolve().parent
COLUMNS = ("n_id", "n_category", "n_text", "n_time", "n_closed", "n_target", "n_lon", "n_lat", "n_area", "n_channel")
DECIMALS = 6
BOSTON_TOLERANCE = 2e-6
BOSTON_TIME = ZoneInfo("America/New_York")
CHANNELS = {
    "Constituent Call": "phone",
    "Citizens Connect App": "app",
    "City Worker App": "app",
    "Employee Generated": "in_person",
    "Self Service": "web",
    "Maximo Integration": "api",
}
Record = Mapping[str, str]


@click.command(help="Make the sample again from FOLDER, which holds boston/ and vancouver/.")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--into",
    type=click.Path(file_okay=False, path_type=Path),
    default=HERE,
    help="Where to write; by default beside this script.",
)
@click.option("--count", type=click.IntRange(min=1), default=2000, show_default=True, help="Records to keep.")
def main(folder: Path, into: Path, count: int) -> None:
    for city in ("boston", "vancouver"):
        for name in ("boundaries.geojson", "records.csv"):
            if city == "boston" or name == "boundaries.geojson":
                _require(folder / city / name)
    write_areas(folder / "boston" / "boundaries.geojson", into / "boston" / "city", BOSTON_TOLERANCE)
    write_areas(folder / "vancouver" / "boundaries.geojson", into / "vancouver" / "city", 0.0)
    write_records(folder / "boston" / "records.csv", into / "boston" / "records.csv", count)


def _require(path: Path) -> None:
    if not path.is_file():
        raise click.ClickException(f"{path} is missing: give the folder that holds boston/ and vancouver/")


def write_areas(source: Path, city: Path, tolerance: float) -> None:
    """One feature a line with code and name only, coordinates to 0.1 m.

    A tolerance (degrees) thins borders together, so that neighbours still touch along every line.
    """
    features = json.loads(source.read_text(encoding="utf-8"))["features"]
    shapes = [shapely.geometry.shape(feature["geometry"]) for feature in features]
    if tolerance:
        shapes = list(shapely.coverage_simplify(shapes, tolerance))
    lines = [
        json.dumps(_feature(feature["properties"], shape), ensure_ascii=False, separators=(",", ":"))
        for feature, shape in zip(features, shapes, strict=True)
    ]
    city.mkdir(parents=True, exist_ok=True)
    text = '{"type":"FeatureCollection","features":[\n' + ",\n".join(lines) + "\n]}\n"
    (city / "areas.geojson").write_text(text, encoding="utf-8")
    click.echo(f"{city / 'areas.geojson'}: {len(lines)} areas, {len(text.encode()) // 1000} kB")


def _feature(properties: Mapping[str, Any], shape: BaseGeometry) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": {key: properties[key] for key in ("area_id", "area_name")},
        "geometry": _rounded(shapely.geometry.mapping(shape)),
    }


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _rounded(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_rounded(inner) for inner in value]
    return round(value, DECIMALS) if isinstance(value, float) else value


def write_records(source: Path, target: Path, count: int) -> None:
    """Every n-th record in the order of time, so that the whole period is there in its own proportions."""
    with source.open(encoding="utf-8", newline="") as file:
        records = sorted(csv.DictReader(file), key=lambda record: (record["n_time"], record["n_id"]))
    chosen = list(_spread(records, min(count, len(records))))
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(_facts(record) for record in chosen)
    click.echo(f"{target}: {len(chosen)} of {len(records)} records")


def _spread(records: Sequence[Record], count: int) -> Iterator[Record]:
    return (records[(2 * number + 1) * len(records) // (2 * count)] for number in range(count))


def _facts(record: Record) -> dict[str, str]:
    """The request type stands for the text; no closing remark is taken over."""
    same = ("n_id", "n_category", "n_time", "n_closed", "n_lon", "n_lat", "n_area")
    facts = {column: record[column] for column in same}
    target = _local(record["TARGET_DT"])
    return facts | {"n_text": record["TYPE"], "n_target": target, "n_channel": CHANNELS[record["Source"]]}


def _local(written: str) -> str:
    """The city's own local time, such as 01/16/2015 08:30:00 AM, as ISO 8601 with its offset; empty stays empty."""
    if not written:
        return ""
    return datetime.strptime(written, "%m/%d/%Y %I:%M:%S %p").replace(tzinfo=BOSTON_TIME).isoformat()


if __name__ == "__main__":
    main()
