"""Ready mappings for the exports of cities that publish theirs: one file each in `ready_mappings`."""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from concord_city.adapters.toml_reader import Source
from concord_cli.records.layout import folded
from concord_cli.records.mapping import CONCORD, ColumnMapping
from concord_cli.records.mapping_toml import examine, read_mapping

FOLDER = Path(__file__).parent / "ready_mappings"
LIKELY_SHARE = 0.7
READY = ("concord", *sorted(file.stem for file in FOLDER.glob("*.toml")))
"""Names for --from: `concord` stands for the columns that Concord itself defines."""


@cache
def ready_mappings() -> Mapping[str, ColumnMapping]:
    """Return all ready mappings by name."""
    return {name: CONCORD if name == "concord" else read_mapping(FOLDER / f"{name}.toml", {}) for name in READY}


def load_mapping(path: Path) -> ColumnMapping:
    """Return the mapping of a columns.toml, which can begin `from` a ready one.

    Raises InvalidRecords with every fault, each with its line and remedy.
    """
    return read_mapping(path, ready_mappings())


def examine_mapping(path: Path) -> tuple[Source, Mapping[str, Any], ColumnMapping | None]:
    """Return the findings about a columns.toml, its values, and its mapping; None with an error."""
    return examine(path, ready_mappings())


def ready_mapping(name: str) -> ColumnMapping:
    """Return a ready mapping. Raises KeyError for a name that is not in READY."""
    return ready_mappings()[name]


def likely_mapping(head: Sequence[str]) -> str | None:
    """Return the ready mapping of which the head has most columns, None if it has less than most of them."""
    known = {folded(name) for name in head}
    shares = {name: _share(mapping, known) for name, mapping in ready_mappings().items()}
    best = max(shares, key=lambda name: shares[name])
    return best if shares[best] >= LIKELY_SHARE else None


def _share(mapping: ColumnMapping, known: set[str]) -> float:
    groups = [*mapping.columns.values(), *((name,) for name in (*mapping.id_from, *mapping.time_parts))]
    return sum(any(folded(name) in known for name in names) for names in groups) / len(groups)
