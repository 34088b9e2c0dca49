"""Loads and checks a whole city folder."""

from dataclasses import replace
from pathlib import Path

from concord_city.adapters.areas_geojson import read_areas
from concord_city.adapters.consistency_checks import check_rules, check_shapes
from concord_city.adapters.names_loader import NamesReading
from concord_city.adapters.rules_toml import Known, read_rules
from concord_city.adapters.toml_reader import Source, read_toml
from concord_city.domain.findings import CityError, Finding
from concord_city.domain.model import City


class _Reading:
    """The content of the folder and the findings about it. `city` is None when a file has an error."""

    def __init__(self, folder: Path) -> None:
        self.names = NamesReading(folder)
        self.areas = Source("areas.geojson")
        self.rules = Source("rules.toml")
        self.shapes = read_areas(folder, self.areas)
        self.city = self._read(folder)
        if self.city is not None:
            check_rules(self.city, self.rules, self.names.categories)

    @property
    def sources(self) -> tuple[Source, ...]:
        return (self.names.facts, self.areas, self.names.categories, self.names.teams, self.rules)

    @property
    def findings(self) -> list[Finding]:
        return [
            finding
            for source in self.sources
            for finding in sorted(source.findings, key=lambda finding: finding.line or 0)
        ]

    def _read(self, folder: Path) -> City | None:
        names = self.names
        known = Known(
            None if self.areas.failed() else self.shapes,
            None if names.categories.failed() else names.category_codes,
            None if names.teams.failed() else names.team_codes,
            names.city is None or names.facts.failed() or names.city.working_hours.ever,
        )
        root = read_toml(folder, self.rules, "the ordered list of every [[rule]]")
        rules = read_rules(root, known) if root else ()
        if names.city is None or any(source.failed() for source in self.sources):
            return None
        return replace(names.city, areas=self.shapes, rules=rules)


def check(folder: Path) -> list[Finding]:
    """Return all findings about the folder, file by file, in the order of the lines."""
    reading = _Reading(folder)
    if not reading.areas.failed():
        check_shapes(reading.shapes, reading.areas)
    return reading.findings


def load(folder: Path) -> City:
    """Return the city. Raises CityError with all findings when one of them is an error."""
    reading = _Reading(folder)
    if reading.city is None or any(finding.level == "error" for finding in reading.findings):
        raise CityError(str(folder), reading.findings)
    return reading.city
