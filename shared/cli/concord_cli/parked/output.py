"""Parked messages as text and as JSON: a page of the list, or one message."""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from concord_bus.domain.parked_messages import OperatorAction, assess_replay
from concord_bus.domain.stored_messages import Parked
from concord_bus.pipeline.message_reader import MAX_BODY_BYTES
from concord_cli.common.errors import UsageError
from concord_cli.common.terminal_text import plain, plain_lines
from concord_contracts.strict_json import DuplicateKey, loads

TYPE_WIDTH = 28
MAX_BODY_CHARACTERS = 20_000
SEALED = "The data are encrypted: only the recipient can decrypt them."
UNREADABLE = "unreadable"


def page_table(rows: Sequence[Parked], more: bool) -> str:
    """Return a line for each message and, if there are `more`, the option for the next page."""
    if not rows:
        return "No matching parked messages."
    lines = [f"{'ID':>7}  {'PARKED (UTC)':<20}  {'TRIES':>5}  {'TYPE':<{TYPE_WIDTH}}  REASON"]
    for row in rows:
        event_type, parked_at = plain(_type(row)), _time(row.parked_at)
        lines.append(
            f"{row.id:>7}  {parked_at:<20}  {row.attempts:>5}  {event_type:<{TYPE_WIDTH}}  {plain(row.reason)}"
        )
    if more:
        lines.append(f"More: repeat with --after {rows[-1].id}")
    return "\n".join(lines)


def page_json(service: str, rows: Sequence[Parked], more: bool) -> str:
    """Return a page; `next` is the value of --after for the next one, null on the last."""
    page = {"service": service, "parked": [_summary(row) for row in rows], "next": rows[-1].id if more else None}
    return json.dumps(page, indent=2)


def message_text(service: str, row: Parked, actions: Sequence[OperatorAction], obstacle: str | None) -> str:
    """Return one message with its history and body for a person."""
    delivery = row.delivery
    facts = {
        "status": row.status,
        "parked": _time(row.parked_at),
        "reason": row.reason,
        "attempts": str(row.attempts),
        "event": row.event_id or UNREADABLE,
        "type": row.event_type or UNREADABLE,
        "concern": row.partition_key or UNREADABLE,
        "queue": delivery.queue,
        "exchange": delivery.exchange or "(default)",
        "routing key": delivery.routing_key,
        "redelivered": "yes" if delivery.redelivered else "no",
    }
    if row.status == "parked":
        facts["replay"] = f"would fail: {obstacle}" if obstacle else "possible"
    lines = [f"Parked message {row.id} of {service}", *_pairs(facts)]
    lines += ["Properties", *_pairs(delivery.properties), "Headers", *_pairs(delivery.headers)]
    if actions:
        lines.append("History")
        lines += [f"  {_action(action)}" for action in actions]
    return "\n".join([*lines, *_body_lines(row)])


def message_json(service: str, row: Parked, actions: Sequence[OperatorAction], obstacle: str | None) -> str:
    """Return one message for a program. `body` is null if it is not JSON: --raw writes it to a file."""
    message = {
        "service": service,
        **_summary(row),
        "redelivered": row.delivery.redelivered,
        "properties": dict(row.delivery.properties),
        "headers": dict(row.delivery.headers),
        "sealed": assess_replay(row.delivery, MAX_BODY_BYTES).sealed,
        "obstacle": obstacle,
        "history": [asdict(action) for action in actions],
        "body": None if _indented(row.delivery.body) is None else row.delivery.body.decode("utf-8", "replace"),
    }
    return json.dumps(message, indent=2)


def missing(service: str, parked_id: int, actions: Sequence[OperatorAction]) -> str:
    """Return the error for an unknown message, with the history of a deleted one."""
    if not actions:
        return f"{service} has no parked message {parked_id}."
    history = "\n".join(f"  {_action(action)}" for action in actions)
    return f"{service} has deleted message {parked_id}, some time after its replay or drop:\n{history}"


def write_raw(row: Parked, file: Path) -> None:
    """Write the body byte for byte to a new file that only its owner can read. Raises UsageError."""
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(row.delivery.body)
    except FileExistsError:
        raise UsageError(f"{file} already exists: choose another file for --raw.") from None
    except OSError as error:
        raise UsageError(f"{file} cannot be written: {error.strerror}.") from error


def _summary(row: Parked) -> dict[str, Any]:
    return {
        "id": row.id,
        "status": row.status,
        "parked_at": datetime.fromtimestamp(row.parked_at, UTC).isoformat().replace("+00:00", "Z"),
        **{name: getattr(row, name) for name in ("reason", "attempts", "event_id", "event_type")},
        "concern_id": row.partition_key,
        **{name: getattr(row.delivery, name) for name in ("queue", "exchange", "routing_key")},
        "body_bytes": len(row.delivery.body),
    }


def _type(row: Parked) -> str:
    """Return the type; for an unreadable message the type in its routing key, in brackets."""
    if row.event_type:
        return row.event_type
    key = row.delivery.routing_key
    claimed = key.rsplit(".", 2)[0] if key.count(".") >= 2 else key
    return f"({claimed or 'none'})"


def _body_lines(row: Parked) -> list[str]:
    body = row.delivery.body
    text = _indented(body)
    if text is None:
        return [f"Body: {len(body)} bytes, not JSON; --raw FILE writes them to a file."]
    lines = [f"Body ({len(body)} bytes)"]
    if assess_replay(row.delivery, MAX_BODY_BYTES).sealed:
        lines.append(f"  {SEALED}")
    lines += [f"  {line}" for line in plain_lines(text[:MAX_BODY_CHARACTERS]).split("\n")]
    if len(text) > MAX_BODY_CHARACTERS:
        lines.append("  … and more; --raw FILE writes the whole body to a file.")
    return lines


def _indented(body: bytes) -> str | None:
    """Return the body as indented JSON, None if it is not JSON."""
    try:
        document = loads(body)
    except DuplicateKey:
        return body.decode("utf-8", "replace")  # the indented form would leave out a value
    except orjson.JSONDecodeError:
        return None
    try:
        return orjson.dumps(document, option=orjson.OPT_INDENT_2).decode()
    except orjson.JSONEncodeError:  # nested deeper than it writes
        return body.decode("utf-8", "replace")


def _pairs(values: Mapping[str, Any]) -> list[str]:
    if not values:
        return ["  none"]
    return [f"  {plain(str(name)):<16} {plain(_text(value))}" for name, value in values.items()]


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _action(action: OperatorAction) -> str:
    note = f" ({plain(action.note)})" if action.note else ""
    return f"{_time(action.at)}  {plain(action.actor)}: {plain(action.action)}{note}"


def _time(seconds: float) -> str:
    """Return the time in UTC, to the second."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%SZ")
