"""Makes a first city folder: reads the files of a city, drafts the folder, checks it and writes it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from concord_city import Finding, check
from concord_city.adapters.boundary_file import BoundaryError, Feature, decoded, read_features
from concord_city.adapters.joined_parts import joined_parts
from concord_city.domain.polygons import BadShape
from concord_cli.city.draft.area_properties import UnknownProperty
from concord_cli.city.draft.areas import DraftAreas, draft_areas
from concord_cli.city.draft.categories import draft_categories
from concord_cli.city.draft.city_draft import CityDraft, Guess, guesses
from concord_cli.city.draft.files import city_files
from concord_cli.city.draft.shared_points import shared_points
from concord_cli.city.draft.zone_guess import ZoneGuess, emergency_number, guess_zone
from concord_cli.city.folder import FolderInUse, Unusable, check_free, write_checked
from concord_cli.city.recorded_areas import areas_by_place, codes_by_name
from concord_cli.city.records_draft import (
    RecordsDraft,
    category_codes,
    counts_by_code,
    read_draft,
    with_areas,
    with_categories,
)
from concord_cli.common.errors import UsageError
from concord_cli.records import FILE_NAME, ColumnMapping, choose_mapping, load_mapping, propose, to_toml
from concord_i18n.languages import supported_languages


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


@dataclass(frozen=True, slots=True)
class FirstCity:
    """The new folder. `records` is None without records; `findings` are the warnings of the check."""

    folder: Path
    draft: CityDraft
    guesses: Sequence[Guess]
    mapping: ColumnMapping | None
    records: RecordsDraft | None
    records_path: Path | None
    findings: Sequence[Finding]


def first_city(options: InitOptions) -> FirstCity:
    """Write the folder. Raises UsageError for a wrong call, ClickException for an unusable file."""
    _check_options(options)
    areas = _areas(options)
    mapping = _mapping(options)
    zone = _zone(options, areas, mapping)
    records = read_draft(options.records, mapping, ZoneInfo(zone.zone)) if options.records and mapping else None
    codes = category_codes(records.categories, mapping.categories) if records and mapping else {}
    draft = _draft(options, areas, zone, records, codes)
    files = city_files(draft)
    if records and mapping:
        by_name = codes_by_name(records.points, areas.areas)
        mapping = with_areas(with_categories(mapping, codes), {**by_name, **draft.areas_by_place})
        files[FILE_NAME] = to_toml(mapping)
    findings = _write(options.folder, files)
    return FirstCity(options.folder, draft, guesses(draft), mapping, records, options.records, findings)


def _check_options(options: InitOptions) -> None:
    if (options.columns or options.ready) and not options.records:
        raise UsageError("--columns and --from say what the columns of --records are: add --records FILE.")
    try:
        check_free(options.folder)
    except FolderInUse as error:
        raise UsageError(f"{error}.") from error


def _areas(options: InitOptions) -> DraftAreas:
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
    """Return the areas; parts of one area that touch are one polygon."""
    areas = (
        replace(area, polygons=tuple(joined_parts(area.polygons))) if area.code in drafted.joined else area
        for area in drafted.areas
    )
    return replace(drafted, areas=tuple(areas))


def _features(file: Path) -> Sequence[Feature]:
    try:
        return read_features(decoded(file.read_bytes())).features
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}.") from error


def _mapping(options: InitOptions) -> ColumnMapping | None:
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


def _zone(options: InitOptions, areas: DraftAreas, mapping: ColumnMapping | None) -> ZoneGuess:
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
    if mapping is not None and mapping.time_zone and not options.country:
        return replace(guess, zone=mapping.time_zone, others=(), from_mapping=True)
    return guess


def _draft(
    options: InitOptions,
    areas: DraftAreas,
    zone: ZoneGuess,
    records: RecordsDraft | None,
    codes: Mapping[str, str],
) -> CityDraft:
    counts = counts_by_code(records.categories, codes) if records else {}
    return CityDraft(
        name=options.name or _title(options.folder),
        zone=zone,
        emergency_number=options.emergency_number or emergency_number(zone.country),
        languages=options.languages or ("en",),
        areas=areas,
        categories=tuple(draft_categories(counts, codes)),
        shared_points=tuple(shared_points(records.points)) if records else (),
        areas_by_place=_by_place(options, areas, records) if records else {},
        boundary_file=options.boundaries.name,
        records_file=options.records.name if options.records else None,
        given=options.given,
    )


def _by_place(options: InitOptions, areas: DraftAreas, records: RecordsDraft) -> dict[str, str]:
    by_name = codes_by_name(records.points, areas.areas)
    try:
        return areas_by_place(records.points, areas.areas, by_name)
    except BadShape as error:
        raise _unusable(options, error) from error


def _unusable(options: InitOptions, error: BadShape) -> click.ClickException:
    remedy = error.remedy or "draw it as a Polygon or MultiPolygon in WGS 84 degrees, or remove the feature"
    return click.ClickException(f"{options.boundaries.name}: {error} -> {remedy}")


def _title(folder: Path) -> str:
    """Return `New York` for a folder `new-york`."""
    words = folder.resolve().name.replace("-", " ").replace("_", " ").split()
    return " ".join(word[:1].upper() + word[1:] for word in words) or "City"


def _write(folder: Path, files: Mapping[str, str]) -> Sequence[Finding]:
    try:
        return write_checked(folder, files, _check)
    except FolderInUse as error:
        raise UsageError(f"{error}.") from error
    except Unusable as error:
        raise click.ClickException(f"nothing is written, as the check finds errors:\n{error}") from error
    except OSError as error:
        raise UsageError(f"{folder} cannot be written: {error.strerror}.") from error


def _check(folder: Path) -> list[Finding]:
    if (folder / FILE_NAME).exists():
        load_mapping(folder / FILE_NAME)
    return check(folder, texts=supported_languages())
