"""Times of a records file: their forms, precision and zone."""

from zoneinfo import ZoneInfo

import pytest

from concord_cli.records.moments import BadTime
from concord_cli.records.time_forms import BadForm, compiled
from concord_cli.records.times import TimeReader

ZONE = ZoneInfo("America/New_York")
READER = TimeReader(ZONE)
US, GERMAN = "MM/DD/YYYY hh:mm:ss AM", "DD.MM.YYYY HH:mm"


def read(text: str, *forms: str, **choices: str) -> str | None:
    moment = TimeReader(ZONE, forms, **choices).read(text)
    return moment.first.isoformat() if moment else None


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2015-01-01T10:56:16-05:00", "2015-01-01T10:56:16-05:00"),
        ("2015-01-01T10:56:16Z", "2015-01-01T10:56:16+00:00"),
        ("2015-01-01T10:56:16.123456789Z", "2015-01-01T10:56:16.123456+00:00"),
        ("2026-03-20 09:00:00+00", "2026-03-20T09:00:00+00:00"),
        ("2026-03-20 09:00 -0500", "2026-03-20T09:00:00-05:00"),
        ("2026-01-15 10:00:00", "2026-01-15T10:00:00-05:00"),
        ("2026-07-15T10:00", "2026-07-15T10:00:00-04:00"),
        ("2026-07-15T10:00:00.000", "2026-07-15T10:00:00-04:00"),
    ],
)
def test_iso_8601_needs_no_form(text: str, instant: str) -> None:
    assert read(text) == instant


@pytest.mark.parametrize(
    ("text", "form", "instant"),
    [
        ("03/07/2026 11:53:51 PM", US, "2026-03-07T23:53:51-05:00"),
        ("3/7/2026 12:05:00 am", US, "2026-03-07T00:05:00-05:00"),
        ("03/07/2026 12:05:00 PM", US, "2026-03-07T12:05:00-05:00"),
        ("7.3.2026 23:53", GERMAN, "2026-03-07T23:53:00-05:00"),
        ("7 Mar 2026", "DD MON YYYY", "2026-03-07T00:00:00-05:00"),
        ("2022 July 21 04:05:06 PM", "YYYY MON DD hh:mm:ss AM", "2022-07-21T16:05:06-04:00"),
        ("12/2026", "MM/YYYY", "2026-12-01T00:00:00-05:00"),
        ("1420127776", "unix", "2015-01-01T15:56:16+00:00"),
        ("1420127776000", "unix-ms", "2015-01-01T15:56:16+00:00"),
    ],
)
def test_a_city_s_own_forms(text: str, form: str, instant: str) -> None:
    assert read(text, form) == instant


def test_several_forms_are_tried_in_order() -> None:
    assert read("7.3.2026 23:53", US, GERMAN) == "2026-03-07T23:53:00-05:00"


@pytest.mark.parametrize(
    ("text", "first", "last", "precision"),
    [
        ("2026-03-08", "2026-03-08T00:00:00-05:00", "2026-03-08T23:59:59-04:00", "day"),
        ("2026-11", "2026-11-01T00:00:00-04:00", "2026-11-30T23:59:59-05:00", "month"),
        ("2026-12", "2026-12-01T00:00:00-05:00", "2026-12-31T23:59:59-05:00", "month"),
        ("2024-02", "2024-02-01T00:00:00-05:00", "2024-02-29T23:59:59-05:00", "month"),
    ],
)
def test_a_day_and_a_month_are_spans_of_the_city_s_clocks(text: str, first: str, last: str, precision: str) -> None:
    moment = READER.read(text)
    assert moment
    assert (moment.first.isoformat(), moment.last.isoformat(), moment.precision) == (first, last, precision)


@pytest.mark.parametrize(
    ("text", "choice", "value", "instant"),
    [
        ("2026-03-08 02:30:00", "missing_hour", "move", "2026-03-08T03:30:00-04:00"),
        ("2026-11-01 01:30:00", "double_hour", "first", "2026-11-01T01:30:00-04:00"),
        ("2026-11-01 01:30:00", "double_hour", "second", "2026-11-01T01:30:00-05:00"),
    ],
)
def test_hours_that_do_not_exist_or_come_twice_are_a_choice(text: str, choice: str, value: str, instant: str) -> None:
    assert read(text, **{choice: value}) == instant
    moment = TimeReader(ZONE, **{choice: value}).read(text)  # type: ignore[arg-type]
    assert moment
    assert instant in (moment.note or "")


@pytest.mark.parametrize(
    ("text", "choice"), [("2026-03-08 02:30:00", "missing_hour"), ("2026-11-01 01:30:00", "double_hour")]
)
def test_such_hours_can_be_refused(text: str, choice: str) -> None:
    with pytest.raises(BadTime, match=choice):
        read(text, **{choice: "refuse"})


def test_both_hours_of_the_night_are_an_hour_apart() -> None:
    first, second = (TimeReader(ZONE, double_hour=hour).read("2026-11-01 01:30:00") for hour in ("first", "second"))
    assert first
    assert second
    assert (second.first - first.first).total_seconds() == 3600


@pytest.mark.parametrize("text", ["9999-12-31", "9999-12-31T23:59:59Z", "9999-12-31T23:59:59.999+14:00", "9999-12"])
def test_the_year_9999_is_never(text: str) -> None:
    assert READER.read(text) is None


@pytest.mark.parametrize(
    ("text", "forms", "said"),
    [
        ("yesterday", (), "is not a time; write it like 2015-01-01T10:56:16-05:00"),
        ("2026-02-30", (), "is not a time: day is out of range"),
        ("2026-13", (), "month must be in 1..12"),
        ("2015-01-01T24:00:00", (), "is not a time: hour must be in 0..23"),
        ("2015-01-01T25:00:00-05:00", (), "is not a time: hour must be in 0..23"),
        ("2015-01-01T10:00:00+99:00", (), "is not an offset from UTC"),
        ("0001-01-01T00:00:00+14:00", (), "is not after the year 1900"),
        ("1899-12-30", (), "is not after the year 1900; empty the cell"),
        ("46000.5", (), "is a spreadsheet's day number; format the column as a time, and export it again"),
        ("03/07/2026", (), "is a time whose form is not known; set forms in [times]"),
        ("13/07/2026 01:00:00 AM", (US,), "month must be in 1..12"),
        ("03/07/2026 13:00:00 PM", (US,), "the hour before AM or PM must be in 1..12"),
        ("03-07-2026", (US, GERMAN), f"is not a time like {US} or {GERMAN}"),
        ("9" * 15, ("unix",), "is not a time"),
        ("7 Mär 2026", ("DD MON YYYY",), "is not a time like"),
        ("7 Foo 2026", ("DD MON YYYY",), "month must be in 1..12"),
    ],
)
def test_what_is_no_time_says_what_to_do(text: str, forms: tuple[str, ...], said: str) -> None:
    with pytest.raises(BadTime) as wrong:
        read(text, *forms)
    assert said in str(wrong.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "2015-01-01T10:56",
            "lacks the offset from UTC; write it like 2015-01-01T10:56-05:00, or name the city's time",
        ),
        ("2015-01-01", "is a day or month of an unknown time zone; name the city's time zone: --city DIR"),
    ],
)
def test_without_a_zone_a_local_time_is_none(text: str, said: str) -> None:
    with pytest.raises(BadTime) as wrong:
        TimeReader(None).read(text)
    assert said in str(wrong.value)


@pytest.mark.parametrize(
    ("parts", "instant", "precision"),
    [
        (["2022", "1", "5", "13", "7"], "2022-01-05T13:07:00-05:00", "second"),
        (["2022", "1", "5", "0", "0"], "2022-01-05T00:00:00-05:00", "second"),
        (["2022.0", "01", "5", "", ""], "2022-01-05T00:00:00-05:00", "day"),
        (["2022", "7"], "2022-07-01T00:00:00-04:00", "month"),
    ],
)
def test_parts_in_cells_of_their_own(parts: list[str], instant: str, precision: str) -> None:
    moment = READER.read_parts(parts)
    assert moment
    assert (moment.first.isoformat(), moment.precision) == (instant, precision)


@pytest.mark.parametrize("parts", [["", "1", "5"], ["2022", "x", "5"], ["2022", "2", "30"], ["2022", "1", "5", "24"]])
def test_parts_that_are_no_time(parts: list[str]) -> None:
    with pytest.raises(BadTime, match="is not a time"):
        READER.read_parts(parts)


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ("MM/DD/YY", "lacks YYYY"),
        ("YYYY", "lacks MM"),
        ("YYYY-MM-DD hh:mm", "only one of hh and AM"),
        ("YYYY-MM-DD mm", "minutes without hours"),
        ("YYYY-MM HH:mm", "hours without DD"),
        ("YYYY-MM-DD-DD", "has DD twice"),
    ],
)
def test_a_form_that_is_none_is_told(form: str, said: str) -> None:
    with pytest.raises(BadForm, match=said):
        compiled(form)
