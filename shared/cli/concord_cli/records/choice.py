"""Choice of the mapping, the city and the source of a records file."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from concord_city import CityError
from concord_city.adapters.names_loader import load_words
from concord_cli.common.errors import UsageError
from concord_cli.records.mapping import CONCORD, ColumnMapping
from concord_cli.records.mapping_toml import FILE_NAME
from concord_cli.records.ready import load_mapping, ready_mapping


@dataclass(frozen=True, slots=True)
class CityFacts:
    """A city's zone and category codes; None without a city folder."""

    zone: ZoneInfo | None = None
    categories: Collection[str] | None = None


def city_facts(folder: Path | None) -> CityFacts:
    """Return what a city folder says; a folder that is gone says nothing. Raises UsageError if it has faults."""
    if folder is None or not folder.is_dir():
        return CityFacts()
    try:
        city = load_words(folder)
    except CityError as error:
        raise UsageError(str(error)) from error
    return CityFacts(city.zone, frozenset(city.categories))


def choose_mapping(columns: Path | None, ready: str | None, city: Path | None) -> ColumnMapping:
    """Return the mapping of --columns, else of --from, else of the city folder, else Concord's own columns.

    Raises UsageError.
    """
    if columns and ready:
        raise UsageError('--columns and --from exclude each other: columns.toml can begin with from = "boston311".')
    if columns:
        return load_mapping(columns)
    if ready:
        return ready_mapping(ready)
    own = city / FILE_NAME if city else None
    return load_mapping(own) if own and own.exists() else CONCORD


def choose_source(source: str | None, mapping: ColumnMapping) -> str:
    """Return the source's name. Raises UsageError without one: a file's name changes with each export."""
    if name := source or mapping.source:
        return name
    raise UsageError(
        'Name the system that the records come from: --source open311, or source = "open311" in columns.toml. '
        "An id is unique within its source, so give each export of one system the same name."
    )
