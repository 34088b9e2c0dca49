"""Text that reads like an emergency is told from text that does not."""

import pytest

from concord_city import reads_like_emergency

from .twoside import city

CITY = city(emergency_words={"en": ("gun", "shots fired"), "es": ("apuñalado",)})


@pytest.mark.parametrize(
    "text",
    ["He has a GUN!", "shots\n  fired outside", "un hombre APUNALADO", "hombre apuñalado.", "(gun)"],
)
def test_emergency(text: str) -> None:
    assert reads_like_emergency(CITY, text)


@pytest.mark.parametrize("text", ["", "The engine has begun to rattle", "shots of espresso fired up", "gunwale"])
def test_no_emergency(text: str) -> None:
    assert not reads_like_emergency(CITY, text)


def test_a_city_without_words_sees_none() -> None:
    assert not reads_like_emergency(city(), "gun")
