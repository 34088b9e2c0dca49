"""What a line that comes again changes: nothing, only the history, or something that nobody may change."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from residents import submission

from concord_intake.domain.concern import Concern, ImportedHistory, Submission, create_concern
from concord_intake.domain.import_comparison import SAME, Comparison, Differs, Updated, compare, content_of
from concord_intake.domain.import_source import ImportedLine

OPENED = datetime(2026, 11, 20, 15, tzinfo=UTC)
DAY = timedelta(days=1)
HISTORY = ImportedHistory(OPENED, OPENED + 3 * DAY, OPENED + DAY)
OPEN = ImportedHistory(OPENED)


def told(history: ImportedHistory | None = HISTORY, **changes: Any) -> Submission:
    return submission(history=history, **changes)


def concern_of(line: Submission) -> Concern:
    return create_concern(line, "c1", b"", OPENED + 9 * DAY)


def stored(history: ImportedHistory | None, fingerprint: str | None = "earlier") -> ImportedLine:
    line = ImportedLine("open311", "N1", "c1", fingerprint)
    if history is None:
        return line
    return line._replace(reported_at=history.reported_at, promised_by=history.promised_by, closed_at=history.closed_at)


def again(before: ImportedHistory | None, now: ImportedHistory | None, **changes: Any) -> Comparison:
    return compare(stored(before), concern_of(told(before)), told(now, **changes))


@pytest.mark.parametrize("history", [None, OPEN, HISTORY])
def test_the_same_again(history: ImportedHistory | None) -> None:
    assert again(history, history) == SAME


CHANGES = {
    "category": "graffiti",
    "description": "Louder music",
    "point": (-71.0589, 42.36011),
    "address": "Pier 4",
    "occurred_at": OPENED - DAY,
    "channel": "phone",
}


@pytest.mark.parametrize("field", CHANGES)
def test_other_content_is_named_and_changes_nothing(field: str) -> None:
    assert again(HISTORY, HISTORY, **{field: CHANGES[field]}) == Differs((field,))
    assert again(None, None, **{field: CHANGES[field]}) == Differs((field,))


def test_a_point_that_is_gone_differs() -> None:
    assert again(OPEN, OPEN, point=None) == Differs(("point",))


def test_all_fields_that_differ_are_named() -> None:
    assert again(HISTORY, OPEN, category="graffiti", channel="phone") == Differs(("category", "channel", "promised_by"))


def test_language_and_contact_do_not_count() -> None:
    assert again(HISTORY, HISTORY, language="es") == SAME


@pytest.mark.parametrize(
    "now",
    [
        pytest.param(replace(OPEN, closed_at=OPENED + DAY), id="closed"),
        pytest.param(replace(OPEN, promised_by=OPENED + DAY), id="got a target"),
        pytest.param(replace(OPEN, promised_by=OPENED + DAY, closed_at=OPENED + DAY), id="both"),
    ],
)
def test_an_open_case_moves_on(now: ImportedHistory) -> None:
    assert again(OPEN, now) == Updated(now)


@pytest.mark.parametrize(
    "now",
    [
        pytest.param(replace(HISTORY, closed_at=None), id="reopened"),
        pytest.param(replace(HISTORY, closed_at=OPENED + 2 * DAY), id="closed again"),
        pytest.param(replace(HISTORY, promised_by=OPENED + 2 * DAY), id="earlier target"),
        pytest.param(replace(HISTORY, promised_by=OPENED + 9 * DAY), id="later target"),
    ],
)
def test_a_closed_case_moves_on(now: ImportedHistory) -> None:
    assert again(HISTORY, now) == Updated(now)


def test_a_history_does_not_go_back() -> None:
    assert again(HISTORY, replace(HISTORY, closed_at=OPENED)) == Differs(("closed_at",))
    assert again(HISTORY, replace(HISTORY, promised_by=None)) == Differs(("promised_by",))
    assert again(HISTORY, replace(HISTORY, reported_at=OPENED - DAY)) == Differs(("reported_at",))


def test_without_a_history_a_line_says_nothing_about_it() -> None:
    assert again(HISTORY, None) == SAME


def test_a_history_does_not_come_later() -> None:
    assert again(None, OPEN) == Differs(("reported_at",))


def test_of_a_line_from_before_only_the_content_is_known() -> None:
    known = concern_of(told(HISTORY))
    for now, expected in (
        (HISTORY, Updated(HISTORY)),
        (OPEN, SAME),
        (None, SAME),
        (replace(OPEN, reported_at=OPENED - DAY), Differs(("reported_at",))),
    ):
        assert compare(stored(None, fingerprint=None), known, told(now)) == expected


times = st.none() | st.sampled_from([OPENED + DAY * days for days in range(3)])
histories = st.none() | st.builds(ImportedHistory, st.just(OPENED) | st.just(OPENED + DAY), times, times)
lines = st.builds(
    told,
    histories,
    category=st.sampled_from(["noise", "graffiti"]),
    description=st.sampled_from(["a", "b", "a\n"]),
    point=st.none() | st.sampled_from([(0.0, 1.0), (1.0, 0.0)]),
    address=st.none() | st.sampled_from(["None", "Pier 4"]),
    occurred_at=times,
    channel=st.sampled_from(["phone", "import"]),
)


@given(lines, lines)
def test_contents_are_equal_only_for_lines_that_tell_the_same(one: Submission, other: Submission) -> None:
    assert (content_of(one) == content_of(other)) == (one == other)


@given(lines, lines)
def test_whatever_comes_is_same_updated_or_names_its_fields(one: Submission, other: Submission) -> None:
    comparison = compare(stored(one.history), concern_of(one), other)
    if one == other:
        assert comparison == SAME
    if isinstance(comparison, Differs):
        assert comparison.fields
        assert len(set(comparison.fields)) == len(comparison.fields)
    if isinstance(comparison, Updated):
        assert comparison.history == other.history != one.history
