"""Makes a first city folder: drafts it from the files of a city, checks it and writes it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from concord_city import Finding, check
from concord_cli.city.draft.areas import DraftAreas
from concord_cli.city.draft.categories import STARTING, draft_categories
from concord_cli.city.draft.city_draft import CityDraft, Guess, guesses
from concord_cli.city.draft.files import city_files
from concord_cli.city.draft.shared_points import shared_points
from concord_cli.city.draft.zone_guess import ZoneGuess, emergency_number
from concord_cli.city.folder import FolderInUse, Unusable, write_checked
from concord_cli.city.init_sources import (
    InitOptions,
    areas_of,
    check_options,
    in_city_zone,
    mapping_of,
    zone_of,
)
from concord_cli.city.projection_guess import in_utm
from concord_cli.city.recorded_areas import (
    areas_by_place,
    codes_by_name,
    is_other_layer,
    locate,
    outside_warning,
)
from concord_cli.city.records_draft import (
    RecordsDraft,
    category_codes,
    check_categories,
    check_rows,
    counts_by_code,
    read_draft,
    with_areas,
    with_categories,
    without_areas,
)
from concord_cli.common.errors import UsageError
from concord_cli.records import FILE_NAME, ColumnMapping, load_mapping, to_toml
from concord_i18n.languages import supported_languages

OTHER_LAYER = (
    "most areas that the records name are none of the boundary file, so the mapping leaves their column out. Nothing "
    "can then tell how often routing agrees with the city"
)


@dataclass(frozen=True, slots=True)
class FirstCity:
    """The new folder. `records` is None without records.

    `findings` are the warnings of the check. `warning` is one about the records.
    """

    folder: Path
    draft: CityDraft
    guesses: Sequence[Guess]
    findings: Sequence[Finding]
    mapping: ColumnMapping | None = None
    records: RecordsDraft | None = None
    records_path: Path | None = None
    warning: str | None = None


def first_city(options: InitOptions) -> FirstCity:
    """Write the folder. Raises UsageError for a wrong call, ClickException for an unusable file."""
    check_options(options)
    areas = areas_of(options)
    mapping = mapping_of(options)
    zone = zone_of(options, areas, mapping)
    draft = _draft(options, areas, zone)
    if options.records is None or mapping is None:
        findings = _write(options.folder, city_files(draft))
        return FirstCity(options.folder, draft, guesses(draft), findings)
    return _with_records(options, draft, options.records, in_city_zone(options, mapping, zone.zone))


def _with_records(options: InitOptions, draft: CityDraft, file: Path, mapping: ColumnMapping) -> FirstCity:
    zone, areas = ZoneInfo(draft.zone.zone), draft.areas.areas
    mapping, records = in_utm(file, mapping, read_draft(file, mapping, zone), draft.areas, zone)
    check_rows(file, records)
    check_categories(file, mapping, records)
    codes = category_codes(records.categories, mapping.categories)
    located, by_name = locate(records.points, areas), codes_by_name(records.points, areas)
    by_place = areas_by_place(records.points, located, by_name)
    other_layer = is_other_layer(records.points, {**by_name, **by_place})
    draft = replace(
        draft,
        categories=tuple(draft_categories(counts_by_code(records.categories, codes), codes)),
        shared_points=tuple(shared_points(records.points)),
        areas_by_place={} if other_layer else by_place,
    )
    mapping = with_categories(mapping, codes)
    mapping = without_areas(mapping) if other_layer else with_areas(mapping, {**by_name, **by_place})
    findings = _write(options.folder, {**city_files(draft), FILE_NAME: to_toml(mapping)})
    warning = outside_warning(records.points, located) or (OTHER_LAYER if other_layer else None)
    return FirstCity(options.folder, draft, guesses(draft), findings, mapping, records, file, warning)


def _draft(options: InitOptions, areas: DraftAreas, zone: ZoneGuess) -> CityDraft:
    """Return the draft without what records give."""
    return CityDraft(
        name=options.name or _title(options.folder),
        zone=zone,
        emergency_number=options.emergency_number or emergency_number(zone.country),
        languages=options.languages or ("en",),
        areas=areas,
        categories=STARTING,
        shared_points=(),
        boundary_file=options.boundaries.name,
        records_file=options.records.name if options.records else None,
        given=options.given,
    )


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
