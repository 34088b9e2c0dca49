"""What intake answers, for OpenAPI."""

from marshmallow import Schema, fields, validate

from concord_intake.domain.timeline import STATUSES


def _text(meaning: str, *, null: bool = False) -> fields.String:
    return fields.String(required=True, allow_none=null, metadata={"description": meaning})


def _moment(meaning: str, *, null: bool = False) -> fields.AwareDateTime:
    return fields.AwareDateTime(required=True, allow_none=null, metadata={"description": f"{meaning}, UTC"})


class Emergency(Schema):
    number = _text("the city's emergency number")
    message = _text("what to do now")


class TakenInAnswer(Schema):
    """The concern was taken in."""

    emergency = fields.Nested(
        Emergency, metadata={"description": "there, and first, when the words read like an emergency"}
    )
    id = _text("the concern")
    receipt = _text("sixteen digits in groups of four; keep them: only their hash is stored", null=True)
    status = _text("received")
    message = _text("plain words")
    received_at = _moment("when it was taken in")


class LineAnswer(Schema):
    """What became of one line."""

    line = fields.Integer(required=True, metadata={"description": "number of the line, from 1"})
    id = _text("the line's id, if it could be read", null=True)
    status = fields.String(required=True, validate=validate.OneOf(("accepted", "already", "refused")))
    concern_id = fields.String(metadata={"description": "the concern, unless refused"})
    receipt = fields.String(metadata={"description": "told once, when accepted"})
    emergency = fields.Nested(Emergency)
    problem = fields.Dict(metadata={"description": "RFC 9457 problem, when refused"})


class CategoryName(Schema):
    code = _text("category code")
    name = _text("its name in the language asked for")


class StepAnswer(Schema):
    status = fields.String(required=True, validate=validate.OneOf(STATUSES))
    at = _moment("when it happened")
    message = _text("plain words")
    words = _text("what an officer wrote to the reporter about it", null=True)
    where_to_go = _text("where to go instead, when declined", null=True)
    partner = _text("who takes it, when referred", null=True)


class AccountAnswer(Schema):
    """What became of a concern."""

    id = _text("the concern")
    status = fields.String(required=True, validate=validate.OneOf(STATUSES))
    message = _text("the latest, in plain words")
    language = _text("language of the words")
    category = fields.Nested(CategoryName, required=True)
    received_at = _moment("when it was taken in")
    occurred_at = _moment("when it happened, if said", null=True)
    team = _text("who has it", null=True)
    acknowledge_by = _moment("promised time of the first human word, while it stands", null=True)
    respond_by = _moment("promised time of the response, while it stands", null=True)
    history = fields.List(fields.Nested(StepAnswer), required=True)


class CategoryAnswer(CategoryName):
    group = _text("group it belongs to")
    sensitive = fields.Boolean(required=True, metadata={"description": "is never shown in detail"})


class CategoriesAnswer(Schema):
    """The city's categories."""

    language = _text("language of the names")
    categories = fields.List(fields.Nested(CategoryAnswer), required=True)


class FeedbackAnswer(Schema):
    """The answer was taken."""

    concern_id = _text("the concern")
    fixed = fields.Boolean(required=True, metadata={"description": "what was said"})
    message = _text("plain words")
