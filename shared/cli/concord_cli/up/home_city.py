"""A home folder holds the data of one city."""

from pathlib import Path

from concord_city import CityError, load_words
from concord_cli.common.errors import UsageError
from concord_cli.common.home_folder import remembered_city


def check_home_city(home: Path, city: Path) -> None:
    """Raise UsageError if the home has run with another city. A folder of the same name counts as the same city."""
    before = remembered_city(home)
    if before is None or before.resolve() == city.resolve():
        return
    old, new = _name(before), _name(city)
    if old is not None and new is not None and old != new:
        raise UsageError(
            f"{home} has the data of {old}, and {city} is {new}: set --home to another folder, so that their figures "
            "stay apart."
        )


def _name(folder: Path) -> str | None:
    try:
        return load_words(folder).name
    except (CityError, OSError):
        return None
