"""The chain of the audit: any change, deletion or swap is found, and what could be personal does not fit in."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.memory.access import verify

from concord_access.domain.audit_entry import Entry, InvalidEntry, write_moment
from concord_access.domain.hash_chain import EMPTY, Fault, Head, Verifier, link

EXAMPLES = settings(max_examples=40, deadline=None)
"""Chains are slow to draw, and each is tried at any of its places."""

AT = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
TEXTS = ("at", "actor", "action", "subject", "details", "previous", "hash")

ids = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_.:|/+=-]{0,12}", fullmatch=True)
values = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | ids
entries = st.builds(
    Entry,
    at=st.datetimes(timezones=st.just(UTC)),
    actor=ids,
    action=st.from_regex(r"[a-z][a-z0-9_.:-]{0,12}", fullmatch=True),
    subject=ids,
    details=st.dictionaries(st.from_regex(r"[a-z][a-z0-9_]{0,6}", fullmatch=True), values, max_size=4),
)


def chained(given_entries):
    head, records = EMPTY, []
    for entry in given_entries:
        records.append(link(head, entry))
        head = Head(records[-1].seq, records[-1].hash)
    return records


chains = st.lists(entries, min_size=2, max_size=8).map(chained)


def faults(records, expected=None):
    return [finding.fault for finding in verify(records, expected)[1]]


@EXAMPLES
@given(chains)
def test_an_untouched_chain_has_no_finding(records):
    head, findings = verify(records)
    assert findings == []
    assert head == Head(len(records), records[-1].hash)
    assert verify(records, head)[1] == []
    assert verify(records, Head(1, records[0].hash))[1] == []


@EXAMPLES
@given(chains, st.data())
def test_any_change_is_found_where_it_is(records, data):
    at = data.draw(st.integers(0, len(records) - 1))
    name = data.draw(st.sampled_from(TEXTS))
    text = data.draw(st.text(max_size=70))
    assume(text != getattr(records[at], name))
    records[at] = replace(records[at], **{name: text})
    found = verify(records)[1]
    assert found
    assert found[0].line == at + 1


@EXAMPLES
@given(chains, st.data())
def test_any_small_change_is_found(records, data):
    """A space in the details, another letter, a microsecond."""
    at = data.draw(st.integers(0, len(records) - 1))
    name = data.draw(st.sampled_from(TEXTS))
    text = getattr(records[at], name)
    where = data.draw(st.integers(0, len(text)))
    records[at] = replace(records[at], **{name: text[:where] + data.draw(st.sampled_from(" 0aZ\n")) + text[where:]})
    assert verify(records)[1][0].line == at + 1


@EXAMPLES
@given(chains, st.data())
def test_any_deletion_but_of_the_tail_is_found(records, data):
    at = data.draw(st.integers(0, len(records) - 2))
    del records[at]
    first = verify(records)[1][0]
    assert (first.line, first.fault) == (at + 1, Fault.MISSING)


@EXAMPLES
@given(chains, st.data())
def test_a_deletion_with_new_numbers_is_found(records, data):
    at = data.draw(st.integers(0, len(records) - 2))
    del records[at]
    renumbered = [replace(record, seq=number) for number, record in enumerate(records, 1)]
    first = verify(renumbered)[1][0]
    assert (first.line, first.fault) == (at + 1, Fault.REORDERED)


@EXAMPLES
@given(chains, st.data())
def test_any_swap_is_found(records, data):
    one, two = sorted(data.draw(st.lists(st.integers(0, len(records) - 1), min_size=2, max_size=2, unique=True)))
    records[one], records[two] = records[two], records[one]
    assert faults(records)
    by_number = [replace(record, seq=number) for number, record in enumerate(records, 1)]
    first = verify(by_number)[1][0]
    assert (first.line, first.fault) == (one + 1, Fault.REORDERED)


@EXAMPLES
@given(chains, entries, st.data())
def test_an_entry_put_in_between_is_found(records, entry, data):
    at = data.draw(st.integers(1, len(records) - 1))
    put_in = link(Head(at, records[at - 1].hash), entry)
    assume(put_in.hash != records[at].hash)
    later = [replace(record, seq=record.seq + 1) for record in records[at:]]
    first = verify([*records[:at], put_in, *later])[1][0]
    assert (first.line, first.fault) == (at + 2, Fault.REORDERED)


@EXAMPLES
@given(chains, st.data())
def test_a_tail_cut_off_is_found_by_a_head_kept_elsewhere(records, data):
    kept = Head(len(records), records[-1].hash)
    left = records[: data.draw(st.integers(0, len(records) - 1))]
    assert faults(left) == []
    found = verify(left, kept)[1]
    assert [(finding.line, finding.fault) for finding in found] == [(len(left) + 1, Fault.CUT_OFF)]


@EXAMPLES
@given(chains, entries)
def test_a_chain_made_anew_is_found_by_a_head_kept_elsewhere(records, other):
    kept = Head(len(records), records[-1].hash)
    anew = chained([other] * len(records))
    assume(anew[-1].hash != kept.hash)
    assert faults(anew) == []
    assert faults(anew, kept) == [Fault.REPLACED]


@EXAMPLES
@given(chains)
def test_read_in_pages(records):
    verifier = Verifier(Head(len(records), records[-1].hash))
    found = [finding for record in records for finding in verifier.read([record])]
    assert [*found, *verifier.end()] == []


def test_the_hash_can_be_computed_by_others():
    """SHA-256 of the previous hash, a line feed and JSON; the figure was computed with sha256sum."""
    record = link(EMPTY, Entry(AT, "key:night-desk", "case.resolved", "case:K7M2", {"to": "south", "days": 2}))
    assert record.details == '{"days":2,"to":"south"}'
    assert record.at == "2026-03-01T09:30:00.000000Z"
    assert record.hash == "98f2e8d843e097eabc2a04fb3aac12ea16c8256e9e4084e719ce812e6038c3ea"


def test_moments_are_written_in_utc():
    assert write_moment(AT.astimezone(timezone(timedelta(hours=-5)))) == write_moment(AT)


@pytest.mark.parametrize(
    "wrong",
    [
        {"actor": "Ana Pérez"},
        {"actor": "ana@example.org"},
        {"actor": ""},
        {"subject": "case K7"},
        {"action": "Case resolved"},
        {"at": datetime(2026, 3, 1, 9, 30)},  # noqa: DTZ001
        {"details": {"words": "they were very loud"}},
        {"details": {"mail": "ana@example.org"}},
        {"details": {"nested": {"a": 1}}},
        {"details": {"share": 0.5}},
        {"details": {"large": 2**60}},
        {"details": {"A name": 1}},
        {"details": {"long": "x" * 201}},
        {"details": {"line": "a\n"}},
    ],
)
def test_what_could_be_personal_does_not_fit_in(wrong):
    fitting = {"at": AT, "actor": "user:7f3a", "action": "case.resolved", "subject": "case:K7M2"}
    Entry(**fitting)
    with pytest.raises(InvalidEntry):
        Entry(**fitting | wrong)


def test_a_head_is_read_as_it_was_printed():
    head = Head(12, "ab" * 32)
    assert Head.parse(f" {str(head).upper()}\n") == head
    for wrong in ("", "12", "12:ab", f"-1:{'a' * 64}", f"1:{'g' * 64}", f"1:{'a' * 65}"):
        with pytest.raises(ValueError, match="COUNT:HASH"):
            Head.parse(wrong)
