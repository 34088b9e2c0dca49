"""The responses with personal data: a resident's words, exact place and contact. Nothing else in routing shows them."""

from functools import partial
from typing import Any

from marshmallow import Schema, fields

from concord_contracts.fields import write_instant
from concord_routing.application.read_concern import Concern, ReporterContact
from concord_routing.domain.resident_words import REPLY_KINDS
from concord_web.fields import response_choice, response_instant, response_text

_text = partial(response_text, required=False)
_choice = partial(response_choice, required=False)
_instant = partial(response_instant, required=False)


class PointResponse(Schema):
    lon = fields.Float(metadata={"description": "longitude, WGS 84 degrees"})
    lat = fields.Float(metadata={"description": "latitude, WGS 84 degrees"})


class ReplyResponse(Schema):
    at = _instant("time at which routing got it")
    kind = _choice(REPLY_KINDS, "an objection to a resolution, or an answer or addition")
    words = _text("the reporter's text; null if its key no longer exists", null=True)


class ConcernResponse(Schema):
    case_id = _text("id of the case")
    concern_id = _text("id of the concern")
    category = _text("category code of the city")
    sensitive = fields.Boolean(metadata={"description": "only the team itself may read it"})
    received_at = _instant("time of receipt")
    words = _text("the resident's text; null if the key that encrypted the concern no longer exists", null=True)
    language = _text("language of the text, BCP 47", null=True)
    occurred_at = _instant("time of the problem, if known", null=True)
    point = fields.Nested(PointResponse, allow_none=True, metadata={"description": "the exact place, if known"})
    address = _text("address or landmark, if known", null=True)
    replies = fields.List(fields.Nested(ReplyResponse), metadata={"description": "the reporter's texts, oldest first"})


class ContactResponse(Schema):
    name = _text("name", null=True)
    email = _text("e-mail address", null=True)
    phone = _text("telephone number", null=True)
    language = _text("language of the mails, BCP 47")
    given_at = _instant("time at which the reporter gave it")


class ReporterContactResponse(Schema):
    case_id = _text("id of the case")
    concern_id = _text("id of the concern")
    contact = fields.Nested(ContactResponse, allow_none=True, metadata={"description": "null if there is none"})


def concern_json(concern: Concern) -> dict[str, Any]:
    case, said = concern.case, concern.submission
    return {
        "case_id": case.case_id,
        "concern_id": case.concern_id,
        "category": case.category,
        "sensitive": concern.sensitive,
        "received_at": write_instant(case.received_at),
        "words": said and said.words,
        "language": said and said.language,
        "occurred_at": write_instant(said.occurred_at) if said and said.occurred_at else None,
        "point": {"lon": said.point.lon, "lat": said.point.lat} if said and said.point else None,
        "address": said and said.address,
        "replies": [
            {"at": write_instant(reply.at), "kind": reply.kind, "words": reply.words} for reply in concern.replies
        ],
    }


def contact_json(found: ReporterContact) -> dict[str, Any]:
    contact = found.contact
    shown = contact and {
        "name": contact.name,
        "email": contact.email,
        "phone": contact.phone,
        "language": contact.language,
        "given_at": write_instant(contact.given_at),
    }
    return {"case_id": found.case.case_id, "concern_id": found.case.concern_id, "contact": shown}
