"""The city as routing uses it: replaced in one step when its folder changes."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from concord_city import City, Locator, load


@dataclass(frozen=True, slots=True)
class Rules:
    """A city, and the locator of its areas."""

    city: City
    locator: Locator


LiveRules = Callable[[], Rules]
"""Returns the rules that are live now. Take them once for each piece of work."""


def load_rules(folder: Path) -> Rules:
    """Raises CityError."""
    city = load(folder)
    return Rules(city, Locator(city))


def fixed(city: City) -> LiveRules:
    """Return the rules of one city that does not change."""
    rules = Rules(city, Locator(city))
    return lambda: rules
