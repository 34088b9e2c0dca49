"""Coordinates as people paste them."""

import pytest

from concord_intake.domain.typed_coordinates import InvalidCoordinates, read_coordinates

HERE = (-71.06, 42.36)


@pytest.mark.parametrize(
    "text",
    [
        "42.36, -71.06",
        "42.36,-71.06",
        "42.36 -71.06",
        " 42.36 ; -71.06 ",
        "42,36; -71,06",
        "42,36 -71,06",
        "42.36\u00b0, \u221271.06\u00b0",
        "42.36 N, 71.06 W",
        "42.36N 71.06O",
        "N 42.36, W 71.06",
        "71.06 W, 42.36 N",
        "42\u00b021'36\"N 71\u00b03'36\"W",
        "42\u00b0 21' 36\" N, 71\u00b0 3' 36\" W",
        "42\u00b021.6'N, 71\u00b03.6'W",
        "geo:42.36,-71.06?z=17",
    ],
)
def test_each_usual_way_is_read(text: str) -> None:
    assert read_coordinates(text) == pytest.approx(HERE)


@pytest.mark.parametrize(
    "text", ["", "Library", "42.36", "91, 0", "0, 181", "42\u00b061'N 71\u00b0W", "42 N 71 N", "1 2 3", "9" * 200]
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(InvalidCoordinates):
        read_coordinates(text)
