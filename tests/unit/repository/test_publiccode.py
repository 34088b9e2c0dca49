"""publiccode.yml has what its standard (https://yml.publiccode.tools) asks for, and invents no licence."""

from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[3]
REQUIRED = {
    "publiccodeYmlVersion",
    "name",
    "url",
    "platforms",
    "categories",
    "developmentStatus",
    "softwareType",
    "description",
    "legal",
    "maintenance",
    "localisation",
}
STATUSES = {"concept", "development", "beta", "stable", "obsolete"}
MAINTAINED = {"internal": "contacts", "community": "contacts", "contract": "contractors"}
LICENCE_FILES = ("LICENSE", "LICENSE.md", "LICENSE.txt", "LICENCE", "COPYING")


@pytest.fixture
def described() -> Any:
    return yaml.safe_load((ROOT / "publiccode.yml").read_text(encoding="utf-8"))


def test_the_required_keys_are_there_with_values_the_standard_has(described: Any) -> None:
    assert set(described) >= REQUIRED
    assert described["publiccodeYmlVersion"] == "0.4"
    assert described["developmentStatus"] in STATUSES
    assert described["softwareType"] == "standalone/web"
    assert described["localisation"]["localisationReady"] is True
    assert described["localisation"]["availableLanguages"] == ["en", "es"]


def test_the_description_keeps_the_limits_of_its_texts(described: Any) -> None:
    english = described["description"]["en"]
    assert len(english["genericName"]) <= 35
    assert len(english["shortDescription"]) <= 150
    assert 500 <= len(english["longDescription"]) <= 10_000
    assert english["features"]
    assert max(map(len, english["features"])) <= 100


def test_who_maintains_it_is_named_unless_nobody_does(described: Any) -> None:
    maintenance = described["maintenance"]
    assert maintenance["type"] == "none" or maintenance[MAINTAINED[maintenance["type"]]]


def test_a_licence_is_named_exactly_when_there_is_one(described: Any) -> None:
    chosen = any((ROOT / name).is_file() for name in LICENCE_FILES)
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert (described["legal"]["license"] != "LicenseRef-not-chosen") == chosen
    assert ("has not chosen a licence" not in readme) == chosen
