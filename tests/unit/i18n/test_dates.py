"""One date format for residents, in the city's time zone."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from concord_i18n.dates import format_moment, language_name, text_direction

NEW_YORK = ZoneInfo("America/New_York")


@pytest.mark.parametrize(
    ("utc", "english", "spanish"),
    [
        ((2026, 1, 1, 5, 0), "Thursday, January 1, 2026, 12:00 AM", "jueves, 1 de enero de 2026, 0:00"),
        ((2026, 7, 4, 16, 5), "Saturday, July 4, 2026, 12:05 PM", "sábado, 4 de julio de 2026, 12:05"),
        ((2026, 3, 8, 6, 59), "Sunday, March 8, 2026, 1:59 AM", "domingo, 8 de marzo de 2026, 1:59"),
        ((2026, 3, 8, 7, 0), "Sunday, March 8, 2026, 3:00 AM", "domingo, 8 de marzo de 2026, 3:00"),
    ],
)
def test_moments_in_the_citys_time(utc: tuple[int, int, int, int, int], english: str, spanish: str) -> None:
    moment = datetime(*utc, tzinfo=UTC)
    assert format_moment(moment, "en", NEW_YORK) == english
    assert format_moment(moment, "es", NEW_YORK) == spanish


def test_any_language_of_cldr() -> None:
    moment = datetime(2026, 7, 4, 21, 5, tzinfo=UTC)
    assert format_moment(moment, "fr", NEW_YORK) == "samedi 4 juillet 2026, 17:05"
    assert format_moment(moment, "pt-BR", NEW_YORK) == "sábado, 4 de julho de 2026 17:05"
    assert format_moment(moment, "zh-Hant", NEW_YORK).startswith("2026年7月4日")


def test_the_same_moment_in_another_city() -> None:
    moment = datetime(2026, 7, 4, 21, 5, tzinfo=UTC)
    assert format_moment(moment, "en", ZoneInfo("America/Vancouver")) == "Saturday, July 4, 2026, 2:05 PM"


def test_a_language_is_named_in_itself_and_read_in_its_direction() -> None:
    assert [language_name(tag) for tag in ("en", "es", "fr", "pt-BR")] == [
        "English",
        "Español",
        "Français",
        "Português (Brasil)",
    ]
    assert (text_direction("es"), text_direction("ar")) == ("ltr", "rtl")
