"""An event for a subscriber, from CloudEvents 1.0 structured JSON. The module checks the raw keys first."""

import builtins
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, TypeVar

from concord_client.errors import BadMessage
from concord_client.typed_messages import typed

T = TypeVar("T")

TEXTS = ("specversion", "id", "type", "source", "time", "partitionkey", "sequence", "correlationid")
TEXT_LIMIT = 256
RFC3339 = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?"
    r"(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
)


@dataclass(frozen=True)
class Event:
    """One event of Concord.

    - `time` is when it happened (UTC). `told` is when Concord recorded it (UTC): later than `time` for imported events.
    - `concern_id` is its concern; `sequence` rises by one with each event of that concern from the same `source`.
    - `data` is the message, with fields that this version does not know; `raw` is the whole envelope.
    - `replayed` is true for an old event that comes again.
    """

    id: str
    type: str
    source: str
    time: datetime
    told: datetime
    concern_id: str
    sequence: int
    correlationid: str
    data: Mapping[str, Any]
    raw: Mapping[str, Any]
    replayed: bool = False

    @cached_property
    def message(self) -> Any:
        """`data` as the dataclass of its type; None for a type that the installed contracts do not know.

        Raises ContractsMissing without concord_contracts, BadMessage for invalid data.
        """
        return typed(self.type, self.data)

    def of(self, kind: builtins.type[T]) -> T | None:
        """Return the message if it is of this dataclass, else None. Raises as `message` does."""
        return self.message if isinstance(self.message, kind) else None


def read_event(body: bytes, *, replayed: bool = False) -> Event:
    """Return the event in `body`. Raises BadMessage with the reason, also for a missing attribute."""
    raw = _parse(body)
    _check(raw)
    return Event(
        id=raw["id"],
        type=raw["type"],
        source=raw["source"],
        time=_timestamp(raw["time"], "time"),
        told=_timestamp(raw.get("recordedtime", raw["time"]), "recordedtime"),
        concern_id=raw["partitionkey"],
        sequence=int(raw["sequence"]),
        correlationid=raw["correlationid"],
        data=raw["data"],
        raw=raw,
        replayed=replayed,
    )


def _parse(body: bytes) -> Any:
    try:
        return DECODER.decode(body.decode("utf-8"))
    except DuplicateKey:
        raise BadMessage("the body has an object with a key twice") from None
    except (ValueError, RecursionError):  # also what is not UTF-8, and numbers of thousands of digits
        raise BadMessage("the body is not JSON in UTF-8") from None


class DuplicateKey(ValueError):
    """A JSON object has a key twice: another reader could take the other value."""


def _each_key_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise DuplicateKey
    return found


def _no_number(name: str) -> Any:
    raise ValueError(name)


DECODER = json.JSONDecoder(parse_constant=_no_number, object_pairs_hook=_each_key_once)
"""One for all events, because a new decoder costs as much as reading an event."""


def _check(raw: Any) -> None:
    if not isinstance(raw, dict):
        raise BadMessage("not a CloudEvent: the body is not a JSON object")
    missing = [key for key in (*TEXTS, "data") if key not in raw]
    if missing:
        raise BadMessage(f"not an event of Concord: missing {', '.join(missing)}")
    for key in TEXTS:
        value = raw[key]
        if type(value) is not str or not 0 < len(value) <= TEXT_LIMIT or not value.isprintable():
            raise BadMessage(f"{key} must be a text of 1 to {TEXT_LIMIT} printable characters")
    if raw["specversion"] != "1.0":
        raise BadMessage("specversion must be 1.0")
    sequence = raw["sequence"]
    if not (sequence.isascii() and sequence.isdigit() and len(sequence) <= 18):
        raise BadMessage("sequence must be decimal digits")
    if not isinstance(raw["data"], dict):
        raise BadMessage("data must be a JSON object")


def _timestamp(text: Any, name: str) -> datetime:
    try:
        if RFC3339.fullmatch(text) is None:
            raise ValueError("not RFC 3339")
        return datetime.fromisoformat(text).astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        raise BadMessage(f"{name} must be an RFC 3339 time, with an offset") from None
