"""What operators may ask of webhooks."""

from datetime import datetime, timedelta
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate, validates_schema

from concord_contracts import CATALOGUE
from concord_contracts.fields import Instant
from concord_notification.mail.address import mailbox
from concord_notification.webhooks.application.manage_endpoints import OVERLAP, Wish
from concord_notification.webhooks.domain.endpoint import NAME, Grant
from concord_notification.webhooks.domain.url_policy import LONGEST_URL

PUBLIC = sorted(each.name for each in CATALOGUE.values() if each.public)
LONGEST_OVERLAP = 7 * 24 * 3600
MOST_CODES = 500


def _codes() -> fields.Field[Any]:
    code = fields.String(validate=validate.Length(min=1, max=64))
    return fields.List(code, load_default=None, allow_none=True, validate=validate.Length(min=1, max=MOST_CODES))


def _contact(value: str) -> None:
    if mailbox(value) is None:
        raise ValidationError("Must be an e-mail address.")


def _printable(value: str) -> None:
    if not value.isprintable():
        raise ValidationError("Must be printable.")


class NewEndpoint(Schema):
    """A receiver to be. Areas or categories left out mean every one."""

    class Meta:
        unknown = RAISE

    name = fields.String(
        required=True, validate=validate.Regexp(f"^{NAME.pattern}$", error="Must be a-z, 0-9 and -, 40 at the most.")
    )
    url = fields.String(required=True, validate=validate.Length(min=1, max=LONGEST_URL))
    types = fields.List(
        fields.String(validate=validate.OneOf(PUBLIC)), required=True, validate=validate.Length(min=1, max=len(PUBLIC))
    )
    areas = _codes()
    categories = _codes()
    contact = fields.String(load_default=None, allow_none=True, validate=_contact)


class Rotation(Schema):
    """How long the former secret signs along."""

    class Meta:
        unknown = RAISE

    overlap_seconds = fields.Integer(
        strict=True,
        load_default=int(OVERLAP.total_seconds()),
        validate=validate.Range(min=0, max=LONGEST_OVERLAP),
    )


class Replay(Schema):
    """One event, or all that failed since a moment; with `delivered_too` also what arrived."""

    class Meta:
        unknown = RAISE

    event_id = fields.String(validate=[validate.Length(min=1, max=256), _printable])
    since = Instant()
    delivered_too = fields.Boolean(load_default=False, truthy={True}, falsy={False})

    @validates_schema
    def either(self, data: dict[str, Any], **_: Any) -> None:
        if ("event_id" in data) == ("since" in data):
            raise ValidationError("Give either event_id or since.", "event_id")


def wish_of(body: Any) -> Wish:
    """Raises marshmallow.ValidationError."""
    read = NewEndpoint().load(body)
    return Wish(read["name"], read["url"], _grant(read), read["contact"])


def overlap_of(body: Any) -> timedelta:
    """Raises marshmallow.ValidationError."""
    return timedelta(seconds=Rotation().load(body)["overlap_seconds"])


def replay_of(body: Any) -> tuple[str | None, datetime | None, bool]:
    """`(event_id, since, delivered_too)`. Raises marshmallow.ValidationError."""
    read = Replay().load(body)
    return read.get("event_id"), read.get("since"), read["delivered_too"]


def _grant(read: dict[str, Any]) -> Grant:
    def codes(name: str) -> tuple[str, ...] | None:
        return None if read[name] is None else tuple(dict.fromkeys(read[name]))

    return Grant(tuple(dict.fromkeys(read["types"])), codes("areas"), codes("categories"))
