"""Categories from the codes and texts of records."""

import pytest

from concord_cli.city.draft.categories import STARTING, DraftCategory, draft_categories, is_sensitive


def test_the_most_frequent_come_first_with_the_texts_of_the_source() -> None:
    counts = {"noise": 2, "pothole": 5}
    assert draft_categories(counts, {"Request for  Pothole Repair": "pothole", "Noise": "noise"}) == [
        DraftCategory("pothole", "Request for Pothole Repair", False, 5),
        DraftCategory("noise", "Noise", False, 2),
    ]


def test_a_code_without_one_text_names_itself() -> None:
    texts = {"Bike theft": "theft", "Shop theft": "theft"}
    assert [category.name for category in draft_categories({"theft": 3, "street_lighting": 1}, texts)] == [
        "Theft",
        "Street lighting",
    ]


def test_a_known_code_that_no_record_has_is_a_category_too() -> None:
    assert draft_categories({"noise": 1}, {"Needles": "needles"})[1] == DraftCategory("needles", "Needles", True, 0)


def test_without_records_there_is_a_start() -> None:
    assert draft_categories({}, {}) == list(STARTING)
    assert "other" in [category.code for category in STARTING]


@pytest.mark.parametrize("name", ["Violence and sexual offences", "Needles", "Drug Dealing", "Homeless Encampment"])
def test_what_concerns_a_persons_life_or_health_is_sensitive(name: str) -> None:
    assert is_sensitive(name)


@pytest.mark.parametrize("name", ["Pothole", "Needlework fair", "Graffiti Removal", "Litter", "Public order"])
def test_things_are_not_sensitive(name: str) -> None:
    assert not is_sensitive(name)
