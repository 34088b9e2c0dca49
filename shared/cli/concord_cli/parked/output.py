"""One parked message with all that came with it."""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import orjson

from concord_bus.domain.parked_messages import OperatorAction, outlook
from concord_bus.domain.stored_messages import Parked
from concord_bus.pipeline import LARGEST_BODY
from concord_cli.common.errors import UsageError
from concord_cli.common.terminal_text import plain, plain_lines
from concord_cli.parked.listing import brief, when

LONGEST_BODY = 20_000
SEALED = "The data are sealed: only the service they are meant for can open them."


def json_text(body: bytes) -> str | None:
    """The body as indented JSON text, None when it is no JSON."""
    try:
        read = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    try:
        return orjson.dumps(read, option=orjson.OPT_INDENT_2).decode()
    except orjson.JSONEncodeError:  # nested deeper than it writes
        return body.decode("utf-8", "replace")


def as_lines(service: str, row: Parked, actions: Sequence[OperatorAction], obstacle: str | None) -> str:
    """For a person."""
    delivery = row.delivery
    facts = {
        "status": row.status,
        "parked": when(row.parked_at),
        "reason": row.reason,
        "attempts": str(row.attempts),
        "event": row.event_id or "could not be read",
        "type": row.event_type or "could not be read",
        "concern": row.partition_key or "could not be read",
        "queue": delivery.queue,
        "exchange": delivery.exchange or "(default)",
        "routing key": delivery.routing_key,
        "redelivered": "yes" if delivery.redelivered else "no",
    }
    if row.status == "parked":
        facts["replay"] = f"would fail: {obstacle}" if obstacle else "can be tried"
    lines = [f"Parked message {row.id} of {service}", *_pairs(facts)]
    lines += ["Properties", *_pairs(delivery.properties), "Headers", *_pairs(delivery.headers)]
    if actions:
        lines.append("History")
        lines += [f"  {_deed(action)}" for action in actions]
    return "\n".join([*lines, *_body_lines(row)])


def as_json(service: str, row: Parked, actions: Sequence[OperatorAction], obstacle: str | None) -> str:
    """For a program. `body` is null when it is no JSON: take it with --raw."""
    text = json_text(row.delivery.body)
    whole = {
        "service": service,
        **brief(row),
        "redelivered": row.delivery.redelivered,
        "properties": dict(row.delivery.properties),
        "headers": dict(row.delivery.headers),
        "sealed": outlook(row.delivery, LARGEST_BODY).sealed,
        "obstacle": obstacle,
        "history": [asdict(each) for each in actions],
        "body": None if text is None else row.delivery.body.decode("utf-8", "replace"),
    }
    return json.dumps(whole, indent=2)


def missing(service: str, parked_id: int, actions: Sequence[OperatorAction]) -> str:
    """Why there is nothing to show. `actions` are what operators did to the message."""
    if not actions:
        return f"{service} has no parked message {parked_id}."
    history = "\n".join(f"  {_deed(action)}" for action in actions)
    return f"{service} has deleted message {parked_id}, some time after it was replayed or dropped:\n{history}"


def write_raw(row: Parked, file: Path) -> None:
    """The body byte for byte into a new file for its owner's eyes only. Raises UsageError."""
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(row.delivery.body)
    except FileExistsError:
        raise UsageError(f"{file} exists already: choose another file for --raw.") from None
    except OSError as error:
        raise UsageError(f"{file} cannot be written: {error.strerror}.") from error


def _body_lines(row: Parked) -> list[str]:
    body = row.delivery.body
    text = json_text(body)
    if text is None:
        return [f"Body: {len(body)} bytes, no JSON; --raw FILE writes them to a file as they came."]
    lines = [f"Body ({len(body)} bytes)"]
    if outlook(row.delivery, LARGEST_BODY).sealed:
        lines.append(f"  {SEALED}")
    lines += [f"  {each}" for each in plain_lines(text[:LONGEST_BODY]).split("\n")]
    if len(text) > LONGEST_BODY:
        lines.append("  … the rest is left out; --raw FILE writes all of it to a file.")
    return lines


def _pairs(values: Mapping[str, Any]) -> list[str]:
    if not values:
        return ["  none"]
    return [f"  {plain(str(name)):<16} {plain(_text(value))}" for name, value in values.items()]


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _deed(action: OperatorAction) -> str:
    deed = f"{plain(action.action)} ({plain(action.note)})" if action.note else plain(action.action)
    return f"{when(action.at)}  {plain(action.actor)}: {deed}"
