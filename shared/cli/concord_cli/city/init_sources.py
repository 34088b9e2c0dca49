"""Reads the files that `concord city init` gets: boundaries and the mapping of records. Finds the time zone."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import click

from concord_city.adapters.boundary_file import BoundaryError, Feature, decoded, read_features
from concord_city.adapters.joined_parts import joined_parts
from concord_city.domain.polygons import BadShape
from concord_cli.city.draft.area_properties import UnknownProperty
from concord_cli.city.draft.areas import DraftArea, DraftAreas, draft_areas
from concord_cli.city.draft.zone_guess import ZoneGuess, guess_zone, same_clocks
from concord_cli.city.folder import FolderInUse, check_free
from concord_cli.common.errors import UsageError
from concord_cli.records import ColumnMapping, choose_mapping, propose


@dataclass(frozen=True, slots=True)
class InitOptions:
    """The choices of the caller. None, or no language, means: guess it."""

    folder: Path
    boundaries: Path
    records: Path | None = None
    columns: Path | None = None
    ready: str | None = None
    id_property: str | None = None
    name_property: str | None = None
    name: str | None = None
    time_zone: str | None = None
    country: str | None = None
    emergency_number: str | None = None
    languages: tuple[str, ...] = ()

    @property
    def given(self) -> frozenset[str]:
        names = ("id_property", "name_property", "name", "time_zone", "emergency_number", "languages")
        return frozenset(name for name in names if getattr(self, name))


def check_options(options: InitOptions) -> None:
    """Raise UsageError for options that do not fit together, or a folder that is in use."""
    if (options.columns or options.ready) and not options.records:
        raise UsageError("--columns and --from say what the columns of --records are: add --records FILE.")
    try:
        check_free(options.folder)
    except FolderInUse as error:
        raise UsageError(f"{error}.") from error


def areas_of(options: InitOptions) -> DraftAreas:
    """Return the areas. Raises ClickException for an unusable file, UsageError for an unknown property."""
    file = options.boundaries.name
    try:
        return _joined(draft_areas(_features(options.boundaries), options.id_property, options.name_property))
    except BoundaryError as error:
        where = file if error.line is None else f"{file}:{error.line}"
        raise click.ClickException(f"{where}: {error.problem} -> {error.remedy}") from error
    except BadShape as error:
        raise _unusable(options, error) from error
    except UnknownProperty as error:
        raise UsageError(f"{file}: {error}.") from error


def _joined(drafted: DraftAreas) -> DraftAreas:
    """Return the areas; parts of one area that touch are one polygon. Raises BadShape for one without a surface."""
    return replace(drafted, areas=tuple(_with_surface(area, area.code in drafted.joined) for area in drafted.areas))


def _with_surface(area: DraftArea, is_joined: bool) -> DraftArea:
    try:
        joined = joined_parts(area.polygons)
    except BadShape as error:
        raise BadShape(f"area {area.code!r}: {error}", error.remedy) from error
    return replace(area, polygons=tuple(joined)) if is_joined else area


def _features(file: Path) -> Sequence[Feature]:
    try:
        return read_features(decoded(file.read_bytes())).features
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}.") from error


def mapping_of(options: InitOptions) -> ColumnMapping | None:
    """Return the mapping of the records, with a source. Raises UsageError if no column is the category."""
    if options.records is None:
        return None
    if options.columns or options.ready:
        mapping = choose_mapping(options.columns, options.ready, None)
    else:
        mapping = propose(options.records)
    missing = [role for role in ("category", "time") if role not in mapping.columns]
    if missing and not (missing == ["time"] and mapping.time_parts):
        raise UsageError(
            f"{options.records.name}: no column looks like the {' or the '.join(missing)}. Name it in a mapping: "
            f"`concord import --propose {options.records} > columns.toml`, then add --columns columns.toml."
        )
    return replace(mapping, source=mapping.source or options.records.stem)


def zone_of(options: InitOptions, areas: DraftAreas, mapping: ColumnMapping | None) -> ZoneGuess:
    """Return the zone of the option, of the mapping, or of the nearest place. Raises ClickException."""
    lon, lat = areas.centre
    try:
        guess = guess_zone(lon, lat, options.country)
    except ValueError as error:
        raise UsageError(f"--country: {error}.") from error
    if options.time_zone:
        return replace(guess, zone=options.time_zone, others=())
    if guess.exchanged:
        raise click.ClickException(
            f"{options.boundaries.name}: the areas lie near {guess.zone}, but near {guess.exchanged} if longitude and "
            "latitude are exchanged -> write [longitude, latitude], or confirm the place with --country or --time-zone"
        )
    known = mapping.time_zone if mapping and not options.columns else None
    if known and (options.ready or same_clocks(known, guess.zone)):
        return replace(guess, zone=known, others=(), from_mapping=True)
    return guess


def in_city_zone(options: InitOptions, mapping: ColumnMapping, zone: str) -> ColumnMapping:
    """Return the mapping; without its time zone, if that is of another city. A zone in --columns is the export's."""
    return mapping if options.columns or mapping.time_zone == zone else replace(mapping, time_zone=None)


def _unusable(options: InitOptions, error: BadShape) -> click.ClickException:
    remedy = error.remedy or "draw it as a Polygon or MultiPolygon in WGS 84 degrees, or remove the feature"
    return click.ClickException(f"{options.boundaries.name}: {error} -> {remedy}")
