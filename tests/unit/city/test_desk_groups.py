"""desk.toml: which group of the identity provider may do what at the desk."""

from pathlib import Path

import pytest

from concord_city import check, load
from concord_city.adapters.folder_watch import digest
from concord_city.domain.model import DeskGroup

from .twoside import write_city

GOOD = """
[[group]]
claim = "police-west"
role = "officer"
teams = ["team-west"]
areas = ["west"]

[[group]]
claim = "it"
role = "administrator"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_city(tmp_path)


def test_a_city_without_the_file_has_no_groups(folder: Path) -> None:
    assert load(folder).desk == ()


def test_the_groups_keep_the_order_of_the_file(folder: Path) -> None:
    before = digest(folder)
    (folder / "desk.toml").write_text(GOOD)
    assert check(folder) == []
    assert load(folder).desk == (
        DeskGroup("police-west", "officer", frozenset({"team-west"}), frozenset({"west"})),
        DeskGroup("it", "administrator"),
    )
    assert digest(folder) != before


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        ('claim = "it"', 'claim = "police-west"', "duplicate group 'police-west', first in line 3"),
        ('role = "officer"', 'role = "oficer"', "unknown role 'oficer'"),
        ('teams = ["team-west"]\n', "", "a group with the role 'officer' names no team"),
        ('"team-west"', '"team-wset"', "unknown team 'team-wset'"),
        ('["west"]', '["wset"]', "unknown area 'wset'"),
        ("areas =", "area =", "unknown key 'area'"),
        ('claim = "it"', "", "the key 'claim' is missing"),
    ],
)
def test_faults_are_named(folder: Path, before: str, after: str, fault: str) -> None:
    (folder / "desk.toml").write_text(GOOD.replace(before, after))
    findings = check(folder)
    assert [finding.message for finding in findings if finding.file == "desk.toml"] == [fault]
    assert all(finding.level == "error" for finding in findings)
