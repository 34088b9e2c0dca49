"""The fast path never decides differently from marshmallow: it gives the same value or gives up."""

from collections.abc import Callable
from dataclasses import fields, replace
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import Schema, ValidationError, validate
from marshmallow import fields as wire_fields

from concord_contracts import BadMessage, UnwritableMessage
from concord_contracts import messages as m
from concord_contracts.fast_path import FallBackToSchema, fast_reader, fast_writer
from concord_contracts.fields import reader_schema, text, writer_schema
from concord_contracts.serialization import Payload, payload, write_json

from .samples import CLASSES, JSON, ODD_VALUES, PROMISED, data_of, nearly, nested_class, plain


def as_json(written: Any) -> Any:
    """What stands on the bus of what a writer gives."""
    return orjson.loads(write_json(written))


def judged(data_class: type[Any], raw: Any) -> Any:
    """What marshmallow alone makes of raw data: a dataclass, or None when it refuses."""
    try:
        values = reader_schema(data_class).load(raw)
    except ValidationError:
        return None
    for field in fields(data_class):
        nested = nested_class(data_class, field.name)
        value = values[field.name]
        if nested and isinstance(value, list):
            values[field.name] = tuple(nested(**each) for each in value)
        elif nested and value is not None:
            values[field.name] = nested(**value)
    return data_class(**values)


def recognised(data_class: type[Any], raw: Any) -> Any:
    """What the fast path makes of it, or None when it gives up."""
    try:
        return fast_reader(reader_schema(data_class), data_class)(raw)
    except FallBackToSchema:
        return None


def same(one: Any, other: Any) -> bool:
    """Equal, and of the same types all through: 1, 1.0 and True are not the same."""
    return repr(one) == repr(other) and one == other


CASES = st.sampled_from(CLASSES).flatmap(lambda each: st.tuples(st.just(each), nearly(each)))


@given(CASES)
def test_nearly_valid_data_is_read_as_marshmallow_reads_it_or_not_at_all(case: tuple[type[Any], Any]) -> None:
    data_class, raw = case
    quick, slow = recognised(data_class, raw), judged(data_class, raw)
    assert quick is None or same(quick, slow)


@given(CASES)
def test_a_payload_reads_exactly_what_marshmallow_accepts(case: tuple[type[Any], Any]) -> None:
    data_class, raw = case
    slow = judged(data_class, raw)
    if slow is None:
        with pytest.raises(BadMessage):
            payload(data_class).read(raw)
    else:
        assert same(payload(data_class).read(raw), slow)


@given(st.sampled_from(CLASSES), JSON | ODD_VALUES)
def test_arbitrary_json_is_refused_by_both(data_class: type[Any], raw: Any) -> None:
    assert recognised(data_class, raw) is None
    with pytest.raises(BadMessage):
        payload(data_class).read(raw)


@given(st.sampled_from(CLASSES).flatmap(data_of))
def test_what_is_written_fast_is_what_marshmallow_accepts(data: Any) -> None:
    written = as_json(fast_writer(writer_schema(type(data)), type(data))(data))
    payload(type(data)).validate(written)
    assert judged(type(data), written) == data


@given(st.sampled_from(CLASSES).flatmap(data_of), st.data())
def test_a_broken_dataclass_is_written_by_neither_path(data: Any, draw: st.DataObject) -> None:
    """One field gets an odd value: the fast writer gives up, or marshmallow accepts what it wrote."""
    name = draw.draw(st.sampled_from([field.name for field in fields(data)]))
    odd = type(data)(**{each.name: getattr(data, each.name) for each in fields(data)} | {name: draw.draw(ODD_VALUES)})
    try:
        written = as_json(payload(type(data)).write(odd))
    except UnwritableMessage:  # also for a field of a point that a reader would pass over
        assert writer_schema(type(data)).validate(plain(odd))
    else:
        assert not writer_schema(type(data)).validate(written)


def test_plainly_valid_data_does_not_need_marshmallow() -> None:
    """Otherwise the fast path would be right and useless."""
    raw = {"lon": -71.05, "lat": 42}
    assert recognised(m.ExactPoint, raw) == m.ExactPoint(lon=-71.05, lat=42.0)
    for data_class in CLASSES:
        assert fast_reader(reader_schema(data_class), data_class) is not None


@given(st.sampled_from(CLASSES).flatmap(data_of))
def test_what_we_write_we_read_fast(data: Any) -> None:
    assert recognised(type(data), as_json(payload(type(data)).write(data))) == data


def promise_made(*promises: Any) -> Any:
    about = {"concern_id": "c", "case_id": "k", "category": "x", "area": None, "team": "t", "channel": "web"}
    return about | {"origin": "rules", "made_at": "2026-03-02T12:00:00Z", "promises": list(promises)}


@pytest.mark.parametrize(
    ("promises", "says"),
    [
        ([], "promises: Length"),
        ([PROMISED] * 11, "promises: Length"),
        ([PROMISED, None], "promises.1: "),
        ([PROMISED, {**PROMISED, "due_at": "2026-03-02T12:00:00"}], "promises.1.due_at: "),
        ([{**PROMISED, "promise": "whatever"}], "promises.0.promise: "),
    ],
    ids=["none", "too many", "null", "no offset", "unknown value"],
)
def test_a_list_is_refused_by_the_place_of_what_is_wrong(promises: Any, says: str) -> None:
    with pytest.raises(BadMessage, match=says):
        payload(m.PromiseMade).read(promise_made(*promises))


def by_marshmallow(schema: Schema, data_class: type[Any]) -> Any:
    """A recogniser that gives up on everything."""

    def unsure(raw: Any) -> Any:
        raise FallBackToSchema

    return unsure


@pytest.mark.parametrize("fast_path", [fast_reader, by_marshmallow], ids=["fast", "by marshmallow"])
def test_a_list_is_read_as_a_tuple_and_unknown_fields_in_it_are_passed_over(
    monkeypatch: pytest.MonkeyPatch, fast_path: Any
) -> None:
    monkeypatch.setattr("concord_contracts.serialization.fast_reader", fast_path)
    told = {**PROMISED, "added_later": 1}
    made = Payload(m.PromiseMade).read(promise_made(told, told))
    due_at = datetime(2026, 3, 2, 12, tzinfo=UTC)
    assert made.promises == (m.Promised(promise_id="p", promise="agreed", due_at=due_at),) * 2


@pytest.mark.parametrize(
    "of",
    [list, lambda each: (), lambda each: tuple(each) * 11, lambda each: (*each, None)],
    ids=["list", "none", "too many", "null"],
)
def test_a_writer_refuses_what_is_no_tuple_of_one_to_ten(of: Callable[[list[m.Promised]], Any]) -> None:
    made = payload(m.PromiseMade).read(promise_made(PROMISED))
    with pytest.raises(UnwritableMessage, match="promises"):
        payload(m.PromiseMade).write(replace(made, promises=of([*made.promises])))


def test_a_field_or_limit_it_does_not_know_is_left_to_marshmallow() -> None:
    class Odd(Schema):
        word = wire_fields.String(validate=lambda value: None)
        when = wire_fields.Time()
        many = wire_fields.List(text(), validate=validate.Length(equal=1))

    for name, value in (("word", "x"), ("when", "12:00:00"), ("many", ["x"])):
        with pytest.raises(FallBackToSchema):
            fast_reader(Odd(only=(name,)), dict)({name: value})


def test_a_limit_that_excludes_its_bound_is_left_to_marshmallow() -> None:
    class Open(Schema):
        share = wire_fields.Integer(validate=validate.Range(min=0, min_inclusive=False))
        word = text()

    with pytest.raises(FallBackToSchema):
        fast_reader(Open(), dict)({"share": 5, "word": "x"})


@given(data_of(m.ConcernSubmitted))
def test_every_offset_means_the_same_moment(data: m.ConcernSubmitted) -> None:
    raw = plain(data)
    raw["received_at"] = data.received_at.isoformat()
    assert payload(m.ConcernSubmitted).read(raw) == data


@pytest.fixture
def schema_loads(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What marshmallow has loaded since the test began."""
    loads: list[Any] = []
    load = Schema.load

    def counted(schema: Schema, raw: Any, **options: Any) -> Any:
        loads.append(raw)
        return load(schema, raw, **options)

    monkeypatch.setattr(Schema, "load", counted)
    return loads


FRACTIONS = ["", ".5", ".123", ".123456", ".123456789"]
OFFSETS = ["Z", "+00:00", "-00:00", "+02:00", "-05:00"]


@pytest.mark.parametrize("fraction", FRACTIONS)
@pytest.mark.parametrize("offset", OFFSETS)
def test_an_instant_with_any_offset_does_not_need_marshmallow(
    schema_loads: list[Any], fraction: str, offset: str
) -> None:
    written = f"2026-03-02T12:00:00{fraction}{offset}"
    raw = promise_made({**PROMISED, "due_at": written}) | {"made_at": written}
    made = payload(m.PromiseMade).read(raw)
    assert schema_loads == []
    assert made.made_at == made.promises[0].due_at == datetime.fromisoformat(written)
    assert made.made_at.tzinfo is UTC


@pytest.mark.parametrize(
    "written",
    ["2026-03-02T12:00:00z", "2026-03-02T12:00:00", "2026-03-02", "0001-01-01T00:00:00+14:00", "2026-02-30T12:00:00Z"],
    ids=["lower-case z", "no offset", "no time", "before year 1 in UTC", "no such day"],
)
def test_an_instant_that_cannot_be_read_is_refused_by_marshmallow(schema_loads: list[Any], written: str) -> None:
    with pytest.raises(BadMessage, match="made_at: Not a valid"):
        payload(m.PromiseMade).read(promise_made(PROMISED) | {"made_at": written})
    assert schema_loads
