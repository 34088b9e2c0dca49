"""The words of a city alone, for those who locate nothing: no geometry library is loaded, which saves some 30 MB."""

from pathlib import Path

from concord_city.adapters.categories_and_teams import read_categories, read_teams
from concord_city.adapters.city_toml import read_city
from concord_city.adapters.toml_reader import Source, read_toml
from concord_city.domain.findings import CityError
from concord_city.domain.model import City


def load_words(folder: Path) -> City:
    """The city with its categories and teams, but without areas and rules.

    Raises CityError with all findings when a file that was read has an error.
    """
    sources = [Source(f"{name}.toml") for name in ("city", "categories", "teams")]
    facts_toml, categories_toml, teams_toml = (
        read_toml(folder, source, wanted)
        for source, wanted in zip(
            sources,
            (
                "name, time_zone, languages and the rest",
                "a [[category]] for every kind of concern",
                "a [[team]] for everyone who takes concerns",
            ),
            strict=True,
        )
    )
    facts = read_city(facts_toml) if facts_toml else None
    languages = facts.languages if facts else ()
    categories = read_categories(categories_toml, languages) if categories_toml else {}
    teams = read_teams(teams_toml, languages) if teams_toml else {}
    if facts is None or any(source.failed() for source in sources):
        raise CityError(str(folder), [finding for source in sources for finding in source.findings])
    return City(
        name=facts.name,
        time_zone=facts.time_zone,
        languages=facts.languages,
        emergency_number=facts.emergency_number,
        areas={},
        categories=categories,
        teams=teams,
        rules=(),
        placeholders=facts.placeholders,
        border_m=facts.border_m,
        working_hours=facts.working_hours,
        emergency_words=facts.emergency_words,
    )
