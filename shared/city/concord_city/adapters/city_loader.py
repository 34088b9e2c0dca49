"""The city folder as a whole: read it, check it, load it."""

from pathlib import Path

from concord_city.adapters.areas_geojson import read_areas
from concord_city.adapters.categories_and_teams import read_categories, read_teams
from concord_city.adapters.city_toml import CityFacts, read_city
from concord_city.adapters.consistency_checks import survey_rules, survey_shapes
from concord_city.adapters.rules_toml import Known, read_rules
from concord_city.adapters.toml_reader import Source, read_toml
from concord_city.domain.findings import CityError, Finding
from concord_city.domain.model import Area, City


class _Folder:
    """One reading of the folder. `city` is there when nothing was wrong."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.facts = Source("city.toml")
        self.areas = Source("areas.geojson")
        self.categories = Source("categories.toml")
        self.teams = Source("teams.toml")
        self.rules = Source("rules.toml")
        self.shapes: dict[str, Area] = {}
        self.city = self._read()
        if self.city is not None:
            survey_rules(self.city, self.rules, self.categories)

    @property
    def sources(self) -> tuple[Source, ...]:
        return (self.facts, self.areas, self.categories, self.teams, self.rules)

    @property
    def findings(self) -> list[Finding]:
        return [
            finding
            for source in self.sources
            for finding in sorted(source.findings, key=lambda finding: finding.line or 0)
        ]

    def _read(self) -> City | None:
        facts = self._facts()
        languages = facts.languages if facts else ()
        areas = self.shapes = read_areas(self.folder, self.areas)
        categories_toml = read_toml(self.folder, self.categories, "a [[category]] for every kind of concern")
        categories = read_categories(categories_toml, languages) if categories_toml else {}
        teams_toml = read_toml(self.folder, self.teams, "a [[team]] for everyone who takes concerns")
        teams = read_teams(teams_toml, languages) if teams_toml else {}
        rules_toml = read_toml(self.folder, self.rules, "the ordered list of every [[rule]]")
        known = Known(
            None if self.areas.failed() else areas,
            None if self.categories.failed() else categories,
            None if self.teams.failed() else teams,
            facts is None or self.facts.failed() or facts.working_hours.ever,
        )
        rules = read_rules(rules_toml, known) if rules_toml else ()
        if facts is None or any(source.failed() for source in self.sources):
            return None
        return City(
            name=facts.name,
            time_zone=facts.time_zone,
            languages=facts.languages,
            emergency_number=facts.emergency_number,
            areas=areas,
            categories=categories,
            teams=teams,
            rules=rules,
            placeholders=facts.placeholders,
            border_m=facts.border_m,
            working_hours=facts.working_hours,
            emergency_words=facts.emergency_words,
            holidays=facts.holidays,
            at_risk_share=facts.at_risk_share,
            silence_days=facts.silence_days,
        )

    def _facts(self) -> CityFacts | None:
        root = read_toml(self.folder, self.facts, "name, time_zone, languages and the rest")
        return read_city(root) if root else None


def check(folder: Path) -> list[Finding]:
    """Everything there is to say about the folder, file by file in the order of the lines."""
    reading = _Folder(folder)
    if not reading.areas.failed():
        survey_shapes(reading.shapes, reading.areas)
    return reading.findings


def load(folder: Path) -> City:
    """The city, when nothing in the folder is an error. Raises CityError with all findings otherwise."""
    reading = _Folder(folder)
    if reading.city is None or any(finding.level == "error" for finding in reading.findings):
        raise CityError(str(folder), reading.findings)
    return reading.city
