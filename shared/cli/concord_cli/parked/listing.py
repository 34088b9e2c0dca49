"""A page of parked messages, as a table or as JSON."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from concord_bus.domain.stored_messages import Parked
from concord_cli.common.terminal_text import plain

TYPE_WIDTH = 28


def when(seconds: float) -> str:
    """UTC, to the second."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%SZ")


def type_of(row: Parked) -> str:
    """Its type; for what could not be read, the one its routing key claims, in brackets."""
    if row.event_type:
        return row.event_type
    key = row.delivery.routing_key
    claimed = key.rsplit(".", 2)[0] if key.count(".") >= 2 else key
    return f"({claimed or 'none'})"


def as_table(rows: Sequence[Parked], more: bool) -> str:
    """One line for each message; when there is `more`, how to go on."""
    if not rows:
        return "Nothing is parked that fits."
    lines = [f"{'ID':>7}  {'PARKED (UTC)':<20}  {'TRIES':>5}  {'TYPE':<{TYPE_WIDTH}}  REASON"]
    for row in rows:
        kind = plain(type_of(row))
        lines.append(
            f"{row.id:>7}  {when(row.parked_at):<20}  {row.attempts:>5}  {kind:<{TYPE_WIDTH}}  {plain(row.reason)}"
        )
    if more:
        lines.append(f"More: repeat with --after {rows[-1].id}")
    return "\n".join(lines)


def as_json(service: str, rows: Sequence[Parked], more: bool) -> str:
    """`next` is the value of --after for the next page, null when this is the last."""
    page = {"service": service, "parked": [brief(row) for row in rows], "next": rows[-1].id if more else None}
    return json.dumps(page, indent=2)


def brief(row: Parked) -> dict[str, Any]:
    """What identifies a message and says why it is here."""
    return {
        "id": row.id,
        "status": row.status,
        "parked_at": datetime.fromtimestamp(row.parked_at, UTC).isoformat().replace("+00:00", "Z"),
        "reason": row.reason,
        "attempts": row.attempts,
        "event_id": row.event_id,
        "event_type": row.event_type,
        "concern_id": row.partition_key,
        "queue": row.delivery.queue,
        "exchange": row.delivery.exchange,
        "routing_key": row.delivery.routing_key,
        "body_bytes": len(row.delivery.body),
    }
