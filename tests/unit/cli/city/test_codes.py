"""Codes from a source's own ids and texts: valid, readable, and different for different texts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from concord_city.adapters.toml_reader import CODE
from concord_cli.city.draft.codes import MAX_LENGTH, code_from, codes_for

TEXTS = st.lists(st.text(max_size=90), unique=True, max_size=20)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("A15", "A15"),
        ("C-11", "C-11"),
        ("E01030774", "E01030774"),
        ("31ST", "31ST"),
        ("Back of the Yards", "Back-of-the-Yards"),
        ("Mission / Bernal Heights", "Mission-Bernal-Heights"),
        (" 7 ", "7"),
        ("St. Mary's", "St-Marys"),
        ("Düsseldorf-Süd", "Dusseldorf-Sud"),
        ("Straße", "Strasse"),
        ("Østerbro", "Osterbro"),
        ("Łódź", "Lodz"),
        ("Œuvre", "OEuvre"),
        ("中区", ""),
        ("", ""),
    ],
)
def test_a_code_keeps_what_a_code_may_hold(text: str, code: str) -> None:
    assert code_from(text) == code


def test_words_are_joined_as_asked() -> None:
    assert code_from("Request for Pothole Repair", "_").lower() == "request_for_pothole_repair"


def test_equal_codes_get_numbers() -> None:
    assert codes_for(["A/1", "A 1", "A-1"], "area") == {"A/1": "A-1-2", "A 1": "A-1-3", "A-1": "A-1"}


def test_a_text_that_is_a_code_keeps_it() -> None:
    assert codes_for(["West Side", "West-Side", "West-Side-2"], "area") == {
        "West Side": "West-Side-3",
        "West-Side": "West-Side",
        "West-Side-2": "West-Side-2",
    }


def test_a_text_without_letters_for_a_code_gets_a_number() -> None:
    assert codes_for(["中区", "東区", "A"], "area") == {"中区": "area-1", "東区": "area-2", "A": "A"}


def test_long_texts_are_cut_and_stay_different() -> None:
    one, other = codes_for(["x" * 80 + "1", "x" * 80 + "2"], "area").values()
    assert one == "x" * MAX_LENGTH
    assert other == "x" * (MAX_LENGTH - 2) + "-2"


@given(TEXTS)
def test_codes_are_valid_and_unique(texts: list[str]) -> None:
    codes = codes_for(texts, "area")
    assert list(codes) == texts
    assert all(CODE.fullmatch(code) and len(code) <= MAX_LENGTH for code in codes.values())
    assert len(set(codes.values())) == len(texts)
