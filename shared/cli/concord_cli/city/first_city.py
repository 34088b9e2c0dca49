"""Makes a first city folder: drafts it from the files of a city, checks it and writes it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from concord_city import Finding, check
from concord_cli.city.draft.areas import DraftAreas
from concord_cli.city.draft.categories import draft_categories
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
    located_in,
    mapping_of,
    zone_of,
)
from concord_cli.city.recorded_areas import areas_by_place, codes_by_name, outside_warning
from concord_cli.city.records_draft import (
    RecordsDraft,
    category_codes,
    counts_by_code,
    read_draft,
    with_areas,
    with_categories,
)
from concord_cli.common.errors import UsageError
from concord_cli.records import FILE_NAME, ColumnMapping, load_mapping, to_toml
from concord_i18n.languages import supported_languages


@dataclass(frozen=True, slots=True)
class FirstCity:
    """The new folder. `records` is None without records.

    `findings` are the warnings of the check. `warning` is one about the records.
    """

    folder: Path
    draft: CityDraft
    guesses: Sequence[Guess]
    mapping: ColumnMapping | None
    records: RecordsDraft | None
    records_path: Path | None
    findings: Sequence[Finding]
    warning: str | None


def first_city(options: InitOptions) -> FirstCity:
    """Write the folder. Raises UsageError for a wrong call, ClickException for an unusable file."""
    check_options(options)
    areas = areas_of(options)
    mapping = mapping_of(options)
    zone = zone_of(options, areas, mapping)
    mapping = in_city_zone(options, mapping, zone.zone) if mapping else None
    records = read_draft(options.records, mapping, ZoneInfo(zone.zone)) if options.records and mapping else None
    codes = category_codes(records.categories, mapping.categories) if records and mapping else {}
    located = located_in(options, areas, records) if records else []
    draft = _draft(options, areas, zone, records, codes)
    if records and mapping:
        by_name = codes_by_name(records.points, areas.areas)
        draft = replace(draft, areas_by_place=areas_by_place(records.points, located, by_name))
        mapping = with_areas(with_categories(mapping, codes), {**by_name, **draft.areas_by_place})
    files = city_files(draft) | ({FILE_NAME: to_toml(mapping)} if mapping else {})
    findings = _write(options.folder, files)
    warning = outside_warning(records.points, located) if records else None
    return FirstCity(options.folder, draft, guesses(draft), mapping, records, options.records, findings, warning)


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
