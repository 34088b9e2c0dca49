"""The forms of the desk: one for each command, made from the fields of its CommandSpec, and `ask`."""

import dataclasses
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from marshmallow import ValidationError

from concord_access import Action, Principal, allowed
from concord_i18n.translator import Translator
from concord_routing.domain.case import TRIAGE, Case
from concord_routing.domain.command_spec import FieldKind, FieldSpec
from concord_routing.domain.commands import OFFICER_COMMANDS
from concord_routing.domain.workflow import allowed_commands
from concord_routing.entrypoints.pages import desk_texts as texts
from concord_web import Query

ASK = "ask"
LONG_TEXT = 300
"""A text with a higher limit gets several lines."""
FIXED: Mapping[str, Mapping[str, Any]] = {
    ASK: {"waiting_for_resident": True},
    "update": {"waiting_for_resident": False},
}
"""Fields that a form does not show."""


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a form as the page draws it: `kind` names the macro."""

    name: str
    kind: str
    label: str
    optional: bool
    limit: int | None = None
    options: tuple[tuple[str, str], ...] = ()


def command_of(form: str) -> str | None:
    """Return the command that a form sends; None for an unknown form."""
    command = "update" if form == ASK else form
    return command if command in OFFICER_COMMANDS and form in texts.COMMANDS else None


def new_key() -> str:
    """Return an idempotency key, so that a form that is sent twice acts once."""
    return secrets.token_urlsafe(18)


def offered_forms(principal: Principal, case: Case) -> list[str]:
    """Return the forms that the state allows and the officer may send."""
    return [form for name in allowed_commands(case) if _may(principal, case, name) for form in _forms_of(name)]


def _may(principal: Principal, case: Case, command: str) -> bool:
    action = Action.TASK_DECIDE if case.state == TRIAGE else OFFICER_COMMANDS[command].permission
    return allowed(principal, action, case.team, case.area)


def _forms_of(command: str) -> Iterator[str]:
    if command == "update":
        yield ASK
    if command in texts.COMMANDS:
        yield command


def fields_of(form: str, translator: Translator, options: Mapping[str, tuple[tuple[str, str], ...]]) -> list[Field]:
    """Return the fields to draw. `options` are the choices of the fields with codes, by the field's name."""
    shown = []
    for name, (spec, default) in _specs(form).items():
        label = translator.gettext(texts.FIELDS.get((form, name), name))
        is_optional = spec.nullable or (default is not dataclasses.MISSING and spec.kind is FieldKind.TEXT)
        shown.append(
            Field(name, _kind(spec), label, is_optional, spec.limit, _options(name, spec, translator, options))
        )
    return shown


def _specs(form: str) -> Mapping[str, tuple[FieldSpec, Any]]:
    command = command_of(form)
    if command is None:
        return {}
    hidden = FIXED.get(form, {})
    fields = OFFICER_COMMANDS[command].fields
    return {name: value for name, value in fields.items() if name not in hidden and (form, name) in texts.FIELDS}


def _kind(spec: FieldSpec) -> str:
    if spec.kind is FieldKind.TEXT:
        return "area" if (spec.limit or 0) > LONG_TEXT else "text"
    if spec.nullable:  # the code of a person: no list has them all
        return "text"
    return {FieldKind.TIME: "time", FieldKind.FLAG: "flag"}.get(spec.kind, "select")


def _options(
    name: str, spec: FieldSpec, translator: Translator, options: Mapping[str, tuple[tuple[str, str], ...]]
) -> tuple[tuple[str, str], ...]:
    if spec.choices:
        return tuple((code, translator.gettext(texts.INITIATORS.get(code, code))) for code in spec.choices)
    return options.get(name, ())


def body_of(form: str, typed: Query, zone: ZoneInfo) -> dict[str, Any]:
    """Return the body of the command as the API takes it. A text that is no time stays: the schema names it."""
    body: dict[str, Any] = dict(FIXED.get(form, {}))
    for name, (spec, default) in _specs(form).items():
        text = (typed.arg(name) or "").replace("\r\n", "\n").strip()
        if spec.kind is FieldKind.FLAG:
            body[name] = bool(text)
        elif spec.kind is FieldKind.TIME:
            body[name] = _local_time(text, zone)
        elif text or default is dataclasses.MISSING:
            body[name] = None if spec.nullable and not text else text
    return body


def _local_time(text: str, zone: ZoneInfo) -> str:
    """Read the time of a field of the type datetime-local, which is the city's."""
    moment = _moment(text)
    if moment is None:
        return text
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).isoformat()


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def typed_values(form: str, typed: Query) -> dict[str, str]:
    """Return what was typed, to show it again."""
    return {name: typed.arg(name) or "" for name in _specs(form)}


def errors_of(error: ValidationError, form: str, typed: Query, translator: Translator) -> dict[str, str]:
    """Return a remedy for each wrong field, in the order of the form."""
    specs, wrong = _specs(form), error.messages_dict
    return {name: _remedy(specs[name][0], typed.arg(name), translator) for name in specs if name in wrong}


def _remedy(spec: FieldSpec, typed: str | None, translator: Translator) -> str:
    text = (typed or "").replace("\r\n", "\n").strip()
    if spec.kind is FieldKind.TIME:
        return translator.gettext(texts.WRONG_TIME if _moment(text) is None else texts.WRONG_TIME_OF_PROMISE)
    if not text:
        return translator.gettext(texts.REQUIRED)
    if spec.limit is not None and len(text) > spec.limit:
        number = len(text) - spec.limit
        return translator.ngettext(
            "Please shorten it by %(number)s character.", "Please shorten it by %(number)s characters.", number
        )
    if spec.kind in (FieldKind.CODE, FieldKind.CHOICE):
        return translator.gettext(texts.WRONG_CHOICE)
    return translator.gettext(texts.CONTROL_CHARACTERS)
