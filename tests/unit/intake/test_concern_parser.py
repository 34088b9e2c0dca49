"""What may be sent: errors name the field and what to do; the fast path never disagrees with the schema."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError
from residents import CITY, NOW, told

from concord_contracts.fast_path import FallBackToSchema
from concord_intake.domain.concern import Contact, ImportedHistory
from concord_intake.entrypoints.concern_parser import ConcernParser, LineParser, validate_fast
from concord_intake.entrypoints.request_schemas import ConcernSchema, LineSchema

PARSER = ConcernParser(CITY.categories, "en", lambda: NOW)
LINES = LineParser(CITY.categories, "en", lambda: NOW)


def refused(raw: Any) -> Any:
    with pytest.raises(ValidationError) as error:
        PARSER.parse(raw)
    return error.value.messages


def test_a_concern_is_read_with_what_stands_for_what_was_not_said() -> None:
    submission = PARSER.parse(told())
    assert (submission.category, submission.description) == ("noise", "Loud music at night")
    assert submission.point == (-71.0589, 42.3601)
    assert submission.occurred_at == datetime(2026, 11, 22, 17, tzinfo=UTC)
    assert (submission.channel, submission.language, submission.contact, submission.address) == (
        "web",
        "en",
        None,
        None,
    )


def test_a_contact_is_read_in_the_language_of_the_words_and_its_phone_in_e164() -> None:
    submission = PARSER.parse(told(language="es", contact={"phone": "+1 (617) 555-0123"}))
    assert submission.contact == Contact(None, None, "+16175550123", "es")
    national = PARSER.parse(told(contact={"phone": " 617-555-0123", "language": "pt"}))
    assert national.contact == Contact(None, None, "617-555-0123", "pt")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("+44 (0)20 7946 0000", "+44 (0)20 7946 0000"),
        ("+44(0)20-7946-0000", "+44(0)20-7946-0000"),
        ("+44 020 7946 0000", "+44 020 7946 0000"),
        ("+(44) 0 20 7946 0000", "+(44) 0 20 7946 0000"),
        ("+39 06 0000 0000", "+39 06 0000 0000"),
        ("+44 20 7946 0000", "+442079460000"),
        ("+49 30 0123 4567", "+493001234567"),
        ("+1 (617) 555-0123", "+16175550123"),
        ("+1\u2011617\u2011555\u20110123", "+16175550123"),
        ("\u202a+1 617\u00a0555\u20130123\u202c", "+16175550123"),
        ("\uff0b\uff11 617 555 0123", "+16175550123"),
        ("020 7946 0000", "020 7946 0000"),
        ("(617) 555\u20110123", "(617) 555-0123"),
        ("00 44 20 7946 0000", "00 44 20 7946 0000"),
    ],
)
def test_no_digit_of_a_phone_is_lost_or_wrongly_joined(typed: str, kept: str) -> None:
    contact = PARSER.parse(told(contact={"phone": typed})).contact
    assert contact is not None
    assert contact.phone == kept


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"category": ...}, "category", "required"),
        ({"category": "dragons"}, "category", "Use one of: noise, graffiti"),
        ({"category": ["noise"]}, "category", "text"),
        ({"description": None}, "description", "Must not be null"),
        ({"description": 5}, "description", "Must be a text"),
        ({"point": [1, 2]}, "point", "object"),
        ({"description": ...}, "description", "required"),
        ({"description": " \n"}, "description", "empty"),
        ({"description": "x" * 4001}, "description", "at most 4000"),
        ({"description": "a\0b"}, "description", "NUL"),
        ({"point": ...}, "point", "point (lon, lat) or address"),
        ({"point": None}, "point", "point (lon, lat) or address"),
        ({"point": ..., "address": "  "}, "address", "leave the field out"),
        ({"address": "one\ntwo"}, "address", "one line"),
        ({"occurred_at": "yesterday"}, "occurred_at", "offset"),
        ({"occurred_at": "2026-11-22T12:00:00"}, "occurred_at", "Add the offset"),
        ({"occurred_at": "2026-11-22T18:26:00Z"}, "occurred_at", "future"),
        ({"occurred_at": "0001-01-01T00:00:00+14:00"}, "occurred_at", "1900"),
        ({"occurred_at": 1763836800}, "occurred_at", "date and time"),
        ({"channel": "pigeon"}, "channel", "web, phone, app"),
        ({"language": "Spanish!"}, "language", "language tag"),
        ({"contact": "me"}, "contact", "object"),
        ({"contact": {}}, "contact", "e-mail address or a telephone number"),
        ({"contact": {"name": "Ana"}}, "contact", "e-mail address or a telephone number"),
        ({"descripton": "x"}, "descripton", "Unknown field"),
    ],
)
def test_what_is_wrong_is_said_of_its_field(changes: dict[str, Any], field: str, words: str) -> None:
    messages = refused(told(**changes))
    assert list(messages) == [field]
    assert words in str(messages[field])


@pytest.mark.parametrize(
    ("part", "value", "field"),
    [
        ("point", {"lon": 181, "lat": 0}, "lon"),
        ("point", {"lon": 0, "lat": -90.5}, "lat"),
        ("point", {"lon": "1", "lat": 0}, "lon"),
        ("point", {"lon": True, "lat": 0}, "lon"),
        ("point", {"lat": 0}, "lon"),
        ("point", {"lon": 0, "lat": 0, "alt": 3}, "alt"),
        ("contact", {"email": "nobody"}, "email"),
        ("contact", {"email": "a@example.org\nBcc: b@example.org"}, "email"),
        ("contact", {"email": "a" * 250 + "@example.org"}, "email"),
        ("contact", {"email": "rosa@[192.0.2.1]"}, "email"),
        ("contact", {"email": "a" * 65 + "@example.org"}, "email"),
        ("contact", {"email": "rosa@localhost"}, "email"),
        ("contact", {"phone": "call me"}, "phone"),
        ("contact", {"phone": "+0 617 555 0123"}, "phone"),
        ("contact", {"phone": "+1 617 555 0123 +1"}, "phone"),
        ("contact", {"phone": "123"}, "phone"),
        ("contact", {"phone": "\u2474" * 15}, "phone"),
        ("contact", {"phone": "617-555-0123", "name": "A\r\nB"}, "name"),
        ("contact", {"phone": "617-555-0123", "name": "A" * 201}, "name"),
    ],
)
def test_what_is_wrong_inside_is_said_of_its_field(part: str, value: Any, field: str) -> None:
    messages = refused(told(**{part: value}))
    assert list(messages) == [part]
    assert list(messages[part]) == [field]


def test_everything_wrong_is_said_at_once() -> None:
    assert set(refused({"colour": "red"})) == {"category", "description", "point", "colour"}


@pytest.mark.parametrize("raw", [None, [], "noise", 3])
def test_what_is_no_object_is_refused(raw: Any) -> None:
    assert "_schema" in refused(raw)


def test_a_line_needs_an_id_but_no_place_and_may_say_when_it_was_reported() -> None:
    line, submission = LINES.parse_line(told(id="r-1", point=..., reported_at="2015-01-01T00:25:23-05:00"))
    assert (line, submission.place, submission.channel) == ("r-1", "none", "import")
    assert submission.history == ImportedHistory(datetime(2015, 1, 1, 5, 25, 23, tzinfo=UTC))
    with pytest.raises(ValidationError) as error:
        LINES.parse_line(told(reported_at="2030-01-01T00:00:00Z"))
    assert set(error.value.messages) == {"id", "reported_at"}


@pytest.mark.parametrize(
    ("past", "field"),
    [
        ({"promised_by": "2015-01-02T00:00:00Z"}, "promised_by"),
        ({"closed_at": "2015-01-02T00:00:00Z"}, "closed_at"),
        ({"reported_at": "2015-01-02T00:00:00Z", "closed_at": "2015-01-01T23:59:59Z"}, "closed_at"),
        ({"reported_at": "2015-01-02T00:00:00Z", "promised_by": "2015-01-01T23:59:59Z"}, "promised_by"),
        ({"reported_at": "2015-01-02T00:00:00Z", "closed_at": "2030-01-01T00:00:00Z"}, "closed_at"),
    ],
)
def test_a_past_must_hang_together(past: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as error:
        LINES.parse_line(told(id="r-1", **past))
    assert list(error.value.messages) == [field]


def test_a_target_may_lie_in_the_future() -> None:
    _, submission = LINES.parse_line(
        told(id="1", reported_at="2026-11-01T00:00:00Z", promised_by="2031-01-01T00:00:00Z")
    )
    assert submission.history == ImportedHistory(datetime(2026, 11, 1, tzinfo=UTC), datetime(2031, 1, 1, tzinfo=UTC))


def test_a_single_concern_has_neither_line_id_nor_time_of_report() -> None:
    assert set(refused(told(id="1", reported_at=None))) == {"id", "reported_at"}


TEXTS = st.one_of(
    st.none(),
    st.sampled_from(["en", "es-MX", "noise", "web", "", " ", "a\0b", "Main St 3", "a@example.org", "+1 617 555 0123"]),
    st.text(max_size=30),
    st.integers(),
    st.booleans(),
)
MOMENTS = st.one_of(
    TEXTS,
    st.sampled_from(["2026-11-22T12:00:00-05:00", "2026-11-22T18:26:00Z", "20150101T000000Z", "1899-01-01T00:00:00Z"]),
    st.datetimes(timezones=st.just(UTC)).map(lambda moment: moment.isoformat()),
)
NUMBERS = st.one_of(st.floats(-200, 200), st.integers(-200, 200), st.booleans(), st.none(), st.text(max_size=3))


def _some(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=fields)


POINTS = st.one_of(TEXTS, _some(lon=NUMBERS, lat=NUMBERS), _some(lon=NUMBERS, lat=NUMBERS, alt=NUMBERS))
CONTACTS = st.one_of(TEXTS, _some(name=TEXTS, email=TEXTS, phone=TEXTS, language=TEXTS, fax=TEXTS))
CONCERNS = st.builds(
    lambda base, changes: base | changes,
    st.sampled_from([told(), told(id="1"), {}]),
    _some(
        category=TEXTS,
        description=TEXTS,
        point=POINTS,
        address=TEXTS,
        occurred_at=MOMENTS,
        channel=TEXTS,
        language=TEXTS,
        contact=CONTACTS,
        id=TEXTS,
        reported_at=MOMENTS,
        promised_by=MOMENTS,
        closed_at=MOMENTS,
    ),
)


@given(CONCERNS, st.sampled_from([ConcernSchema, LineSchema]))
def test_the_fast_path_vouches_only_for_what_the_schema_reads_the_same_way(
    raw: dict[str, Any], form: type[ConcernSchema]
) -> None:
    schema = form(CITY.categories, lambda: NOW)
    schema.place_required = False
    try:
        values = validate_fast(raw, frozenset(schema.fields), CITY.categories, NOW)
    except FallBackToSchema:
        return
    assert schema.load(raw) == values


def test_the_fast_path_vouches_for_what_is_plainly_right() -> None:
    full = told(
        address="Pier 4",
        channel="phone",
        language="es-MX",
        contact={"name": "Ana", "email": "ana@example.org", "phone": "+1 617 555 0123", "language": "es"},
    )
    assert validate_fast(full, frozenset(full), CITY.categories, NOW)["contact"]["email"] == "ana@example.org"


@pytest.mark.parametrize("fraction", ["", ".5", ".123456", ".123456789"])
@pytest.mark.parametrize("offset", ["Z", "+00:00", "-05:00"])
def test_a_moment_with_any_offset_does_not_need_the_schema(
    monkeypatch: pytest.MonkeyPatch, fraction: str, offset: str
) -> None:
    loads: list[Any] = []
    monkeypatch.setattr(ConcernSchema, "load", loads.append)
    written = f"2026-11-22T12:00:00{fraction}{offset}"
    assert PARSER.parse(told(occurred_at=written)).occurred_at == datetime.fromisoformat(written)
    assert loads == []
