"""Reads records whose places are metres of UTM, although their mapping names no projection."""

from dataclasses import replace
from datetime import tzinfo
from pathlib import Path

from concord_cli.city.draft.areas import DraftAreas
from concord_cli.city.recorded_areas import locate
from concord_cli.city.records_draft import RecordsDraft, read_draft
from concord_cli.records import ColumnMapping

NORTH, SOUTH = 32600, 32700
"""EPSG codes of UTM on WGS 84, before the number of the zone."""
MIN_REFUSED = MIN_INSIDE = 0.5


def utm_code(lon: float, lat: float) -> str:
    """Return the EPSG code of the UTM zone around a point in degrees."""
    zone = min(int((lon + 180) // 6) + 1, 60)
    return f"EPSG:{(NORTH if lat >= 0 else SOUTH) + zone}"


def in_utm(
    file: Path, mapping: ColumnMapping, records: RecordsDraft, areas: DraftAreas, zone: tzinfo
) -> tuple[ColumnMapping, RecordsDraft]:
    """Return mapping and records with the projection, if most rows are refused without it and lie in areas with it.

    Otherwise return both as they are.
    """
    is_open = mapping.projection is None and "lon" in mapping.columns
    if not is_open or len(records.refused) <= MIN_REFUSED * records.rows:
        return mapping, records
    code = utm_code(*areas.centre)
    guess = f"The places are taken as metres of {code}, the UTM zone of the areas."
    guesses = tuple(text for text in mapping.guesses if "projection" not in text)
    projected = replace(mapping, projection=code, guesses=(*guesses, guess))
    again = read_draft(file, projected, zone)
    inside = sum(area is not None for area in locate(again.points, areas.areas))
    return (projected, again) if inside > MIN_INSIDE * records.rows else (mapping, records)
