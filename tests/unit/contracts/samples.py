"""Events of every type with arbitrary valid values, and JSON that is almost such data."""

from dataclasses import fields, is_dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, get_args, get_type_hints

from hypothesis import strategies as st
from marshmallow import fields as wire_fields
from marshmallow import validate

from concord_contracts import CATALOGUE, Codec, Event, Keyrings, type_of
from concord_contracts.encryption import RECIPIENTS, new_key, variable
from concord_contracts.fields import Instant, OnGrid

AT = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
CLASSES = [kind.data for kind in CATALOGUE.values()]
KEYS = {variable(each): new_key() for each in RECIPIENTS}
CODEC = Codec(Keyrings.from_env(KEYS))

ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
MOMENTS = st.builds(
    lambda zone, since: datetime(1, 1, 2, tzinfo=zone) + since,
    st.just(UTC) | ZONES,
    st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=3_652_000)),
)
PRINTABLE = st.characters(exclude_categories=("C", "Z"))
"""What `str.isprintable` takes."""


def values(field: wire_fields.Field[Any]) -> st.SearchStrategy[Any]:
    """Values that the declared field takes."""
    always = _values(field)
    return st.none() | always if field.allow_none else always


def _values(field: wire_fields.Field[Any]) -> st.SearchStrategy[Any]:
    limits: dict[type, Any] = {type(each): each for each in field.validators}
    if isinstance(field, wire_fields.Nested):
        return data_of(field.metadata["dataclass"])
    if isinstance(field, wire_fields.List):
        length = limits[validate.Length]
        return st.lists(values(field.inner), min_size=length.min, max_size=length.max).map(tuple)
    if isinstance(field, Instant):
        return MOMENTS
    if isinstance(field, wire_fields.Boolean):
        return st.booleans()
    if isinstance(field, wire_fields.Integer):
        return st.integers(min_value=limits[validate.Range].min, max_value=limits[validate.Range].max or 2**63 - 1)
    if isinstance(field, wire_fields.Float):
        number = st.floats(min_value=limits[validate.Range].min, max_value=limits[validate.Range].max)
        return number.map(lambda each: round(each, limits[OnGrid].decimals)) if OnGrid in limits else number
    if validate.OneOf in limits:
        return st.sampled_from(limits[validate.OneOf].choices)
    least, most = limits[validate.Length].min, limits[validate.Length].max
    return st.text(min_size=least, max_size=20) | st.just("ñ" * most)


def data_of(data_class: type[Any]) -> st.SearchStrategy[Any]:
    """Arbitrary valid instances of a message class."""
    declared = {field.name: values(field.metadata["wire"]) for field in fields(data_class)}
    if "concern_id" in declared:
        declared["concern_id"] = st.text(PRINTABLE, min_size=1, max_size=20) | st.just("ñ" * 64)
    return st.builds(data_class, **declared)


def events_of(data_class: type[Any]) -> st.SearchStrategy[Event[Any]]:
    """Arbitrary valid events of a message class."""
    words = st.text(PRINTABLE, min_size=1, max_size=20) | st.just("ñ" * 256)

    def event(data: Any, **envelope: Any) -> Event[Any]:
        kind = type_of(data)
        return Event(type=kind.name, source=kind.source, partitionkey=data.concern_id, data=data, **envelope)

    return st.builds(
        event,
        data_of(data_class),
        id=words,
        time=MOMENTS,
        sequence=st.integers(1, 10**18 - 1),
        correlationid=words,
        causationid=st.none() | words,
        traceparent=st.none() | words,
    )


EVENTS = st.sampled_from(CLASSES).flatmap(events_of)
ANY_DATA = st.sampled_from(CLASSES).flatmap(data_of)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
PROMISED = {"promise_id": "p", "promise": "agreed", "due_at": "2026-03-02T12:00:00Z"}
ODD_VALUES = JSON | st.sampled_from(
    [
        "", " ", "x" * 65, "x" * 4001, "1", "1.5", "true", "nan", 0, -1, 1.0, 181, 90.0001, float("inf"), float("nan"),
        10**400, "2026-03-02T12:00:00Z", "2026-03-02T12:00:00", "2026-03-02", "2026-03-02T12:00:00+02:00",
        "2026-03-02 12:00:00Z", "20260302T120000Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00",
        "2026-02-30T12:00:00Z", "2026-03-02T24:00:00Z", "2026-03-02T12:00:00z", "2026-W10-1T12:00:00Z", "Z",
        "web", "WEB", {"lon": 1, "lat": 2}, {"lon": 1.0}, {"lon": 1.0, "lat": 2.0, "alt": 3.0}, {"lon": "1", "lat": 2},
        {"lon": True, "lat": 2.0}, {"lon": None, "lat": None}, [], [None], [{}], [PROMISED], [PROMISED] * 11,
        [PROMISED | {"due_at": "2026-03-02"}], [PROMISED | {"mood": "calm"}], [PROMISED, None], PROMISED,
        {"0": PROMISED},
    ]
)  # fmt: skip


@st.composite
def nearly(draw: st.DrawFn, data_class: type[Any]) -> Any:
    """Raw JSON data of a class with a few fields dropped, replaced, renamed or added, and so in a list's messages."""
    raw = plain(draw(data_of(data_class)))
    for each in raw.values():
        if isinstance(each, list) and draw(st.booleans()):
            _damage(draw, draw(st.sampled_from(each)))
    _damage(draw, raw)
    return raw | draw(st.dictionaries(st.text(max_size=8), ODD_VALUES, max_size=1))


def _damage(draw: st.DrawFn, raw: dict[str, Any]) -> None:
    for name in draw(st.lists(st.sampled_from(sorted(raw)), max_size=3, unique=True)):
        change = draw(st.sampled_from(("drop", "replace", "rename", "null")))
        value = raw.pop(name)
        if change == "replace":
            raw[name] = draw(ODD_VALUES)
        elif change == "rename":
            raw[name.upper()] = value
        elif change == "null":
            raw[name] = None


def plain(data: Any) -> Any:
    """A dataclass as a reader may meet it: times with any offset, `Z` or not."""
    if is_dataclass(data):
        return {field.name: plain(getattr(data, field.name)) for field in fields(data)}
    if isinstance(data, tuple):
        return [plain(each) for each in data]
    return data.isoformat().replace("+00:00", "Z") if isinstance(data, datetime) else data


def nested_class(data_class: type[Any], name: str) -> type[Any] | None:
    """The message class nested in a field, if any."""
    hint = get_type_hints(data_class)[name]
    return next((each for each in (hint, *get_args(hint)) if is_dataclass(each)), None)  # type: ignore[return-value]
