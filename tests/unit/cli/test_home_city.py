"""A home folder holds the data of one city: another city is told to take another."""

from pathlib import Path

import pytest

from concord_cli.common.errors import UsageError
from concord_cli.common.home_folder import Home
from concord_cli.up.home_city import check_home_city

SAMPLE = Path(__file__).parents[3] / "deploy" / "sample" / "boston" / "city"


def city(folder: Path, name: str) -> Path:
    folder.mkdir()
    for file in SAMPLE.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    toml = folder / "city.toml"
    toml.write_text(toml.read_text("utf-8").replace('name = "Boston"', f'name = "{name}"', 1), "utf-8")
    return folder


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home that has run with Elm."""
    opened = Home.open(tmp_path / "home")
    opened.remember(city=str(city(tmp_path / "elm", "Elm")))
    opened.close()
    return tmp_path / "home"


def test_another_city_is_refused(home: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"has the data of Elm, and .* is Oak: set --home to another folder"):
        check_home_city(home, city(tmp_path / "oak", "Oak"))


def test_the_same_city_goes_on(home: Path, tmp_path: Path) -> None:
    check_home_city(home, tmp_path / "elm")
    check_home_city(home, city(tmp_path / "copy", "Elm"))


def test_a_new_home_takes_any_city(tmp_path: Path) -> None:
    check_home_city(tmp_path / "none", city(tmp_path / "oak", "Oak"))


def test_a_folder_that_is_gone_or_broken_is_left_to_the_check(home: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    check_home_city(home, tmp_path / "empty")
