"""Loads and checks a whole city folder."""

from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

from concord_city.adapters.areas_geojson import read_areas
from concord_city.adapters.consistency_checks import check_borders, check_rules, check_shapes
from concord_city.adapters.desk_toml import read_desk
from concord_city.adapters.names_loader import NamesReading
from concord_city.adapters.place_checks import check_placeholders, check_places
from concord_city.adapters.resident_checks import check_holidays, check_languages
from concord_city.adapters.rules_toml import Known, read_rules
from concord_city.adapters.toml_reader import Source, read_toml
from concord_city.adapters.zone_checks import check_zone
from concord_city.domain.finding_groups import grouped
from concord_city.domain.findings import CityError, Finding
from concord_city.domain.model import Area, City


class _Reading:
    """The content of the folder and the findings about it. `city` is None when a file has an error.

    `facts` is the city without areas and rules, or None when city.toml is unreadable.
    """

    def __init__(self, folder: Path) -> None:
        self.names = NamesReading(folder)
        self.areas = Source("areas.geojson")
        self.rules = Source("rules.toml")
        self.desk = Source("desk.toml")
        self.shapes = read_areas(folder, self.areas)
        self.facts = self.names.city
        drawn = self._with_rules(folder)
        groups = read_desk(folder, self.desk, self._known())
        failed = any(source.failed() for source in self.sources)
        self.city = None if drawn is None or failed else replace(drawn, areas=self.shapes.areas, desk=groups)

    @property
    def sources(self) -> tuple[Source, ...]:
        names = self.names
        return (names.folder, names.facts, self.areas, names.categories, names.teams, self.rules, self.desk)

    @property
    def findings(self) -> list[Finding]:
        return [
            finding
            for source in self.sources
            for finding in grouped(sorted(source.findings, key=lambda finding: finding.line or 0))
        ]

    def _with_rules(self, folder: Path) -> City | None:
        """Check the rules as far as the files are valid. Return the city with its rules, and areas without outlines."""
        names, codes = self.names, self.shapes.codes
        root = read_toml(folder, self.rules, "the ordered list of every [[rule]]")
        rules = read_rules(root, self._known()) if root else ()
        if self.facts is None or codes is None or self.rules.failed() or names.categories.failed():
            return None
        city = replace(self.facts, areas={code: Area(code, code, b"") for code in codes}, rules=rules)
        check_rules(city, self.rules, names.categories)
        return city

    def _known(self) -> Known:
        names = self.names
        return Known(
            self.shapes.codes,
            None if names.categories.failed() else names.category_codes,
            None if names.teams.failed() else names.team_codes,
            self.facts is None or names.facts.failed() or self.facts.working_hours.ever,
        )

    def check_plausibility(self, today: date, texts: Collection[str]) -> None:
        """Report valid values that nobody is likely to mean."""
        facts, shapes = self.names.facts, self.shapes
        middle = check_places(shapes.parts, self.areas)
        check_shapes(shapes, self.areas, complete=not self.areas.failed())
        if self.facts is None:
            return
        check_languages(self.facts.languages, texts, facts)
        check_holidays(self.facts.holidays, facts, today)
        if middle is not None:
            check_placeholders(self.facts.placeholders, [part.box for part in shapes.parts], facts)
            check_borders(shapes.areas, self.facts.border_m, facts)
            if self.facts.time_zone:
                check_zone(self.facts.time_zone, middle, facts, self.areas, today)


def check(folder: Path, *, today: date | None = None, texts: Collection[str] = ()) -> list[Finding]:
    """Return all findings about the folder, file by file, in the order of the lines.

    `today` tells which holidays are past; by default, the date in UTC. `texts` are the languages of Concord's texts for
    residents; without any, the check accepts every language.
    """
    reading = _Reading(folder)
    reading.check_plausibility(today or datetime.now(UTC).date(), texts)
    return reading.findings


def load(folder: Path) -> City:
    """Return the city. Raises CityError with all findings when one of them is an error."""
    reading = _Reading(folder)
    if reading.city is None:
        raise CityError(str(folder), reading.findings)
    return reading.city
