"""Moments as SQLite keeps them: texts that sort as the moments do."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from concord_bus.adapters.sql.column_types import sqlite_texts

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
BEHIND = timezone(-timedelta(hours=5))


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (NOON, "2026-03-02 12:00:00.000000"),
        (NOON + timedelta(microseconds=1), "2026-03-02 12:00:00.000001"),
        (NOON + timedelta(milliseconds=500), "2026-03-02 12:00:00.500000"),
        (NOON.astimezone(BEHIND), "2026-03-02 12:00:00.000000"),
        (datetime(2026, 12, 31, 22, tzinfo=BEHIND), "2027-01-01 03:00:00.000000"),
        (datetime(1, 1, 1, tzinfo=UTC), "0001-01-01 00:00:00.000000"),
        (datetime.max.replace(tzinfo=UTC), "9999-12-31 23:59:59.999999"),
        (None, None),
    ],
)
def test_each_is_written_in_utc_with_its_microseconds(moment, text):
    assert sqlite_texts([moment]) == [text]


def test_texts_sort_as_their_moments_do():
    moments = [NOON + timedelta(microseconds=step) for step in (-1_000_000, -1, 0, 1, 999_999, 1_000_000)]
    assert sqlite_texts(moments) == sorted(text for text in sqlite_texts(moments) if text)


@pytest.mark.parametrize("moments", [[NOON.replace(tzinfo=None)], [NOON, NOON.replace(tzinfo=None)]])
def test_nobody_knows_when_a_naive_one_was(moments):
    with pytest.raises(ValueError, match="time zone"):
        sqlite_texts(moments)
