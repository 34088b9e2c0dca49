"""Fields of request bodies and of answers."""

from datetime import UTC, datetime

import pytest
from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from marshmallow import ValidationError

from concord_web import fields


class Body(fields.Strict):
    reason = fields.Text(5, "reason", required=True)
    name = fields.Text(9, "name", check=str.upper, **fields.NULLABLE)
    channel = fields.Choice(("web", "phone"), "channel", load_default="web")
    at = fields.Instant("time", **fields.NULLABLE)
    fixed = fields.Flag("fixed", load_default=False)
    rating = fields.WholeNumber(1, 5, "rating", **fields.NULLABLE)


def test_a_body_is_read():
    raw = {"reason": "a\nb", "name": "x", "at": "2026-03-01T02:00:00+02:00", "fixed": True, "rating": 5}
    assert Body().load(raw) == {
        "reason": "a\nb",
        "name": "X",
        "channel": "web",
        "at": datetime(2026, 3, 1, tzinfo=UTC),
        "fixed": True,
        "rating": 5,
    }


def test_defaults_stand_for_absent_fields():
    assert Body().load({"reason": "a"}) == {
        "reason": "a",
        "name": None,
        "channel": "web",
        "at": None,
        "fixed": False,
        "rating": None,
    }


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("reason", None, "Must not be null"),
        ("reason", 1, "Must be a text."),
        ("reason", " \n", "Must not be empty."),
        ("reason", "abcdef", "Must have at most 5 characters."),
        ("reason", "a\0", "Must not contain control characters"),
        ("reason", "a\x85", "Must not contain control characters"),
        ("channel", "fax", "Must be one of: web, phone."),
        ("at", "yesterday", "Must be a date and time with its offset"),
        ("at", 7, "Must be a date and time with its offset"),
        ("at", "2026-03-01T02:00:00", "Add the offset from UTC"),
        ("at", "9999-12-31T23:59:59-05:00", "Must be a date and time with its offset"),
        ("fixed", 1, "Must be true or false."),
        ("fixed", "true", "Must be true or false."),
        ("rating", True, "Must be a whole number from 1 to 5."),
        ("rating", "3", "Must be a whole number from 1 to 5."),
        ("rating", 3.0, "Must be a whole number from 1 to 5."),
        ("rating", 6, "Must be a whole number from 1 to 5."),
        ("raeson", "x", "Unknown field."),
    ],
)
def test_a_wrong_value_is_named_with_what_to_do(field, value, message):
    with pytest.raises(ValidationError) as caught:
        Body().load({"reason": "a"} | {field: value})
    assert list(caught.value.messages) == [field]
    assert caught.value.messages[field][0].startswith(message)


def test_a_missing_field_and_a_body_of_another_shape_are_named():
    with pytest.raises(ValidationError, match="This field is required"):
        Body().load({})
    with pytest.raises(ValidationError, match="Must be a JSON object"):
        Body().load([])


class Answer(fields.Strict):
    team = fields.response_text("team", null=True)
    state = fields.response_choice(("open", "closed"), "state")
    risk = fields.response_choice(("late",), "risk", null=True, required=False)
    at = fields.response_instant("time of the report")


def test_openapi_says_what_is_required_and_what_may_be_null():
    spec = APISpec("t", "1", "3.1.0", plugins=[MarshmallowPlugin()])
    spec.components.schema("Answer", schema=Answer)
    spec.components.schema("Body", schema=Body)
    schemas = spec.to_dict()["components"]["schemas"]
    answer, body = schemas["Answer"], schemas["Body"]
    assert sorted(answer["required"]) == ["at", "state", "team"]
    assert answer["properties"]["team"]["type"] == ["string", "null"]
    assert answer["properties"]["state"]["enum"] == ["open", "closed"]
    assert answer["properties"]["risk"]["enum"] == ["late", None]
    assert answer["properties"]["at"] == {
        "type": "string",
        "format": "date-time",
        "description": "time of the report, UTC",
    }
    assert body["properties"]["reason"] == {"type": "string", "minLength": 1, "maxLength": 5, "description": "reason"}
