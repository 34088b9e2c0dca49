"""CSV that opens without harm."""

import csv
from datetime import UTC, datetime
from io import StringIO

import pytest

from concord_metrics.entrypoints.export_routes import cell, csv_lines


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(1)", "\t=1", "\r=1"])
def test_what_would_be_a_formula_is_text(text):
    assert cell(text) == f"'{text}"


def test_numbers_times_and_other_text_stay():
    assert [cell(each) for each in (-1, 0.5, "noise", None)] == [-1, 0.5, "noise", None]
    assert cell(datetime(2026, 11, 22, tzinfo=UTC)) == "2026-11-22T00:00:00Z"


def test_long_tables_come_in_pieces_and_whole():
    rows = [{"a": number, "b": 'say "no", twice\nor once'} for number in range(1000)]
    pieces = list(csv_lines(("a", "b"), rows))

    assert len(pieces) > 3
    found = list(csv.DictReader(StringIO(b"".join(pieces).decode(), newline="")))
    assert [(int(each["a"]), each["b"]) for each in found] == [(each["a"], each["b"]) for each in rows]
