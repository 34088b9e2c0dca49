"""Loads the names of a city without areas and rules. It needs no geometry library, which saves some 30 MB."""

from dataclasses import replace
from pathlib import Path

from concord_city.adapters.categories_and_teams import read_categories, read_teams
from concord_city.adapters.city_toml import read_city
from concord_city.adapters.folder_watch import UNFINISHED
from concord_city.adapters.toml_reader import Source, read_toml
from concord_city.domain.findings import CityError
from concord_city.domain.model import City


class NamesReading:
    """The content of city.toml, categories.toml and teams.toml, with the findings about each file and the folder.

    `city` has no areas and no rules; it is None when city.toml is unreadable.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = Source(UNFINISHED)
        if (folder / UNFINISHED).exists():
            self.folder.error(
                (), "somebody has begun to replace the files of the folder", "run `concord city apply` again"
            )
        self.facts, self.categories, self.teams = (Source(f"{name}.toml") for name in ("city", "categories", "teams"))
        root = read_toml(folder, self.facts, "name, time_zone, languages and the rest")
        city = read_city(root) if root else None
        languages = city.languages if city else ()
        root = read_toml(folder, self.categories, "a [[category]] for every kind of concern")
        categories = read_categories(root, languages) if root else {}
        root = read_toml(folder, self.teams, "a [[team]] for every team that takes concerns")
        teams = read_teams(root, languages) if root else {}
        self.city = replace(city, categories=categories, teams=teams) if city else None
        self.category_codes, self.team_codes = list(categories), list(teams)


def load_words(folder: Path) -> City:
    """Return the city with its categories and teams, but without areas and rules.

    Raises CityError with all findings when one of the three files has an error, or while the files change.
    """
    reading = NamesReading(folder)
    sources = (reading.folder, reading.facts, reading.categories, reading.teams)
    if reading.city is None or any(source.failed() for source in sources):
        raise CityError(str(folder), [finding for source in sources for finding in source.findings])
    return reading.city
