"""Public messages are public-safe: nothing in them can name a person, quote one, or point at a door."""

from collections.abc import Iterator
from dataclasses import is_dataclass, replace
from typing import Any, get_args, get_type_hints

import pytest
from marshmallow import Schema, validate
from marshmallow import fields as wire_fields

from concord_contracts import CATALOGUE, MessageType, UnwritableMessage
from concord_contracts import messages as m
from concord_contracts.encryption import RECIPIENTS
from concord_contracts.fields import nested_in, reader_schema

from .expected import EXPECTED, PUBLIC
from .keys import codec

FREE_TEXTS_ALLOWED = {
    "area": "a code of the city",
    "case_id": "made by routing",
    "category": "a code of the city",
    "cause_id": "made by the sender of the event",
    "concern_id": "made by intake",
    "from_team": "a code of the city",
    "language": "a language tag",
    "promise_id": "made by routing",
    "team": "a code of the city",
    "team_name": "the city's own name of a team",
}
"""Texts of public messages that are not limited to listed values, and why they cannot hold a resident's words."""

PERSONAL = ("name", "email", "phone", "contact", "description", "address", "words", "text", "street", "receipt")


def public_types() -> list[MessageType]:
    return [CATALOGUE[name] for name in PUBLIC]


@pytest.mark.parametrize("kind", public_types(), ids=lambda kind: kind.name)
def test_a_public_message_has_only_known_free_texts(kind: MessageType) -> None:
    free = {
        name
        for name, field in _all_fields(reader_schema(kind.data))
        if isinstance(field, wire_fields.String) and not _listed(field)
    }
    assert free <= set(FREE_TEXTS_ALLOWED), "say in FREE_TEXTS_ALLOWED why it can never hold what a resident said"


@pytest.mark.parametrize("kind", public_types(), ids=lambda kind: kind.name)
def test_a_public_message_has_no_field_that_sounds_personal(kind: MessageType) -> None:
    for name, _ in _all_fields(reader_schema(kind.data)):
        assert name == "team_name" or not any(word in name for word in PERSONAL), name


@pytest.mark.parametrize("kind", public_types(), ids=lambda kind: kind.name)
def test_a_public_message_nests_nothing_but_grid_points_and_promises(kind: MessageType) -> None:
    for hint in get_type_hints(kind.data).values():
        nested = {each for each in (hint, *get_args(hint)) if is_dataclass(each)}
        assert nested <= {m.GridPoint, m.Promised}


@pytest.mark.parametrize(
    ("lon", "lat"), [(-71.059888, 42.358), (-71.06, 42.3584), (-71.0600001, 42.358)], ids=["lon", "lat", "barely"]
)
def test_an_exact_point_cannot_be_published_even_by_mistake(lon: float, lat: float) -> None:
    event = EXPECTED["concern.received.v1"]
    careless = _with_data(event, point=m.GridPoint(lon=lon, lat=lat))
    with pytest.raises(UnwritableMessage, match="point"):
        codec().encode(careless)
    mistyped = _with_data(event, point=m.ExactPoint(lon=lon, lat=lat))
    with pytest.raises(UnwritableMessage, match="point"):
        codec().encode(mistyped)


def test_private_messages_go_to_one_service_on_an_exchange_of_their_own() -> None:
    for kind in CATALOGUE.values():
        assert (kind.exchange == "concord.private") == (not kind.public)
        assert kind.public or kind.recipient in RECIPIENTS
        assert kind.recipient != kind.owner


def _all_fields(schema: Schema) -> Iterator[tuple[str, wire_fields.Field[Any]]]:
    """Those of what is nested too."""
    for name, field in schema.fields.items():
        yield name, field
        nested = nested_in(field)
        if nested is not None:
            yield from _all_fields(nested.schema)


def _listed(field: wire_fields.String) -> bool:
    return any(isinstance(each, validate.OneOf) for each in field.validators)


def _with_data(event: Any, **changes: Any) -> Any:
    return replace(event, data=replace(event.data, **changes))
