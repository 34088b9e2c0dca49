"""Which mapping, city and source count for a file."""

from pathlib import Path

import pytest

from concord_cli.common.errors import UsageError
from concord_cli.records import CONCORD, choose_mapping, choose_source, city_facts, ready_mapping

CITY = Path(__file__).parents[3] / "deploy/sample/boston/city"
OWN = '[columns]\nid = "Nr"\ncategory = "Art"\ntime = "Wann"\n'


def columns(folder: Path, text: str = OWN) -> Path:
    file = folder / "columns.toml"
    file.write_text(text, "utf-8")
    return file


def test_a_named_mapping_counts_more_than_that_of_the_city(tmp_path: Path) -> None:
    file = columns(tmp_path)
    assert choose_mapping(None, "ukpolice", tmp_path) == ready_mapping("ukpolice")
    assert choose_mapping(None, None, tmp_path).columns["id"] == ("Nr",)
    assert choose_mapping(file, None, None).columns["id"] == ("Nr",)


@pytest.mark.parametrize("city", [None, CITY, Path("/nowhere")])
def test_without_a_mapping_concord_s_own_columns_count(city: Path | None) -> None:
    assert choose_mapping(None, None, city) == CONCORD


def test_a_city_says_its_zone_and_categories() -> None:
    facts = city_facts(CITY)
    assert (str(facts.zone), "graffiti" in (facts.categories or ())) == ("America/New_York", True)


@pytest.mark.parametrize("folder", [None, Path("/nowhere")])
def test_a_city_that_is_gone_says_nothing(folder: Path | None) -> None:
    assert (city_facts(folder).zone, city_facts(folder).categories) == (None, None)


def test_a_city_with_faults_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"city\.toml: error: the file is missing"):
        city_facts(tmp_path)


def test_a_source_is_that_of_the_call_else_that_of_the_mapping() -> None:
    assert choose_source("x", ready_mapping("ukpolice")) == "x"
    assert choose_source(None, ready_mapping("ukpolice")) == "ukpolice"
    with pytest.raises(UsageError, match="--source open311"):
        choose_source(None, CONCORD)
