"""Instants are RFC 3339 and nothing wider, whatever else Python reads."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from concord_client.errors import BadMessage
from concord_client.event import _timestamp
from concord_contracts.fields import RFC3339, NoOffset, read_instant

AT = datetime(2026, 11, 22, 18, 20, tzinfo=UTC)
WIDER = [
    "20261122T182000Z",
    "2026-11-22T182000Z",
    "2026-11-22T18:20Z",
    "2026-11-22T18Z",
    "2026-11-22 18:20:00Z",
    "2026-11-22x18:20:00Z",
    "2026-W47-7T18:20:00Z",
    "2026W477T182000Z",
    "2026-11-22T18:20:00,5Z",
    "2026-11-22T18:20:00.Z",
    "2026-11-22T18:20:00z",
    "2026-11-22t18:20:00Z",
    "2026-11-22T18:20:00+0000",
    "2026-11-22T18:20:00+00",
    "2026-11-22T18:20:00+00:00:00",
    "2026-11-22T18:20:00+24:00",
    "2026-11-22T24:00:00Z",
    "2026-11-22T18:20:60Z",
    "2026-11-22T182000.50000000Z",
    "2026-11-22",
    " 2026-11-22T18:20:00Z",
    "2026-11-22T18:20:00Z\n",
    "\u0662\u0660\u0662\u0666-11-22T18:20:00Z",
]
"""Texts that some reader takes for an instant."""


@pytest.mark.parametrize("text", WIDER)
def test_wider_forms_are_refused(text):
    with pytest.raises(ValueError):
        read_instant(text)
    with pytest.raises(BadMessage):
        _timestamp(text, "time")


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-22T18:20:00Z",
        "2026-11-22T18:20:00.0Z",
        "2026-11-22T18:20:00.000000Z",
        "2026-11-22T18:20:00.000000000Z",
        "2026-11-22T18:20:00-00:00",
        "2026-11-22T13:20:00-05:00",
        "2026-11-23T17:19:00.000+22:59",
    ],
)
def test_rfc_3339_is_read(text):
    assert read_instant(text) == _timestamp(text, "time") == AT


def test_a_missing_offset_is_told_apart():
    with pytest.raises(NoOffset):
        read_instant("2026-11-22T18:20:00")


CHANGES = st.lists(st.tuples(st.integers(0, 27), st.sampled_from("0129-+:.,TZtzW ")), min_size=1, max_size=3)


@given(CHANGES, st.booleans())
def test_the_quick_look_lets_nothing_else_pass(changes, microseconds):
    text = "2026-11-22T18:20:00.123456Z" if microseconds else "2026-11-22T18:20:00Z"
    for place, letter in changes:
        text = text[:place] + letter + text[place + 1 :]
    try:
        read_instant(text)
    except ValueError:
        return
    assert RFC3339.fullmatch(text)
