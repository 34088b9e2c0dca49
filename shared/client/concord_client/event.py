"""An event as a subscriber sees it: CloudEvents 1.0 structured JSON, its raw keys checked before anything is read."""

import builtins
import json
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


@dataclass(frozen=True)
class Event:
    """One fact that Concord tells.

    `time` is when the fact came to be, `told` when Concord came to know of it (both UTC; later only for facts of the
    past that were imported), `concern_id` the concern it belongs to; `sequence` rises by one for each
    event of that concern at its `source`. `data` is the message as it came, with fields this version does not know;
    `raw` is the whole envelope. `replayed` says that it was read from a stream of the past.
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
        """`data` as the dataclass of its type, None when the installed contracts do not know the type.

        Raises ContractsMissing without concord_contracts, BadMessage when the data breaks the contract.
        """
        return typed(self.type, self.data)

    def of(self, kind: builtins.type[T]) -> T | None:
        """The message if it is of this dataclass, else None. Raises as `message` does."""
        return self.message if isinstance(self.message, kind) else None


def read_event(body: bytes, *, replayed: bool = False) -> Event:
    """The event in `body`. Raises BadMessage with the reason; nothing that is missing is made up."""
    raw = _parse(body)
    _check(raw)
    return Event(
        id=raw["id"],
        type=raw["type"],
        source=raw["source"],
        time=_moment(raw["time"], "time"),
        told=_moment(raw.get("recordedtime", raw["time"]), "recordedtime"),
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
    except (ValueError, RecursionError):  # also what is not UTF-8, and numbers of thousands of digits
        raise BadMessage("the body is no JSON in UTF-8") from None


def _no_number(name: str) -> Any:
    raise ValueError(name)


DECODER = json.JSONDecoder(parse_constant=_no_number)
"""Made once: making one costs as much as reading an event."""


def _check(raw: Any) -> None:
    if not isinstance(raw, dict):
        raise BadMessage("not a CloudEvent: the body is no JSON object")
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


def _moment(written: Any, name: str) -> datetime:
    try:
        moment = datetime.fromisoformat(written)
        if moment.tzinfo is None:
            raise ValueError("no offset")
        return moment.astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        raise BadMessage(f"{name} must be ISO 8601 with an offset") from None
