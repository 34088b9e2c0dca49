"""Reads and writes events as CloudEvents 1.0 structured JSON.

The CloudEvents SDK makes up a missing `id`, `time` and `specversion`. This module rejects such a message instead.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from operator import itemgetter
from typing import Any, NamedTuple

import orjson

from concord_contracts.catalogue import CATALOGUE, MessageType, type_of
from concord_contracts.encryption import Keyrings
from concord_contracts.envelope import Event
from concord_contracts.errors import BadMessage, KeysMissing, UnwritableMessage
from concord_contracts.fields import read_instant
from concord_contracts.serialization import payload, write_json
from concord_contracts.strict_json import DuplicateKey, loads

CONTENT_TYPE = "application/cloudevents+json"
SEALED = "application/vnd.concord.fernet"
DEFAULT_SCHEMA_URL = "https://concord.example.org/schemas"
SEQUENCE_DIGITS = 10
SEQUENCE_FORMAT = f"%0{SEQUENCE_DIGITS}d"
TEXT_LIMIT = 256
MAX_SEQUENCE = 10**18 - 1
MAX_WORD_BYTES = 100

REQUIRED = (
    "specversion",
    "id",
    "type",
    "source",
    "time",
    "partitionkey",
    "sequence",
    "correlationid",
    "data",
)
_texts_of = itemgetter(*REQUIRED[:-1])


class Encoded(NamedTuple):
    """An event in the form for publishing. A tuple, because the codec makes one for each event."""

    exchange: str
    routing_key: str
    body: bytes


class Codec:
    """Writes and reads events; `keyrings` encrypt the data of private messages.

    `schema_url` is the base URL of the JSON Schemas; the attribute `dataschema` refers to it.
    """

    def __init__(self, keyrings: Keyrings, schema_url: str = DEFAULT_SCHEMA_URL) -> None:
        self._keyrings = keyrings
        self._schema_url = schema_url.rstrip("/")

    def encode(self, event: Event[Any]) -> Encoded:
        """Return the event's bytes. Raises UnwritableMessage for invalid data or envelope, KeysMissing."""
        kind = type_of(event.data)
        data = payload(kind.data).write(event.data)
        _validate_envelope(event, kind)
        try:
            body = write_json(self._envelope(event, kind) | self._data(kind, data))
        except orjson.JSONEncodeError as error:  # a lone surrogate in a text, a number over 64 bits
            raise UnwritableMessage(f"{kind.name}: a value that JSON in UTF-8 cannot hold") from error
        return Encoded(kind.exchange, routing_key(kind, event.data), body)

    def decode(self, body: bytes) -> Event[Any]:
        """Return the event in `body`. Raises BadMessage with the reason."""
        raw = _parse(body)
        kind = _check_envelope(raw)
        data = payload(kind.data).read(self._open(kind, raw))
        if data.concern_id != raw["partitionkey"]:
            raise BadMessage("partitionkey is not the concern of the data")
        return Event(
            id=raw["id"],
            type=kind.name,
            source=raw["source"],
            time=_moment(raw["time"]),
            partitionkey=raw["partitionkey"],
            sequence=int(raw["sequence"]),
            correlationid=raw["correlationid"],
            causationid=_optional_text(raw, "causationid"),
            traceparent=_optional_text(raw, "traceparent"),
            data=data,
            recorded=_moment(raw["recordedtime"], "recordedtime") if raw.get("recordedtime") is not None else None,
            sealed=None if kind.recipient is None else raw["data"],
        )

    def _envelope(self, event: Event[Any], kind: MessageType) -> dict[str, Any]:
        envelope = {
            "specversion": "1.0",
            "id": event.id,
            "type": kind.name,
            "source": event.source,
            "time": event.time.astimezone(UTC),
            "partitionkey": event.partitionkey,
            "sequence": SEQUENCE_FORMAT % event.sequence,
            "correlationid": event.correlationid,
            "dataschema": f"{self._schema_url}/{kind.name}.json",
        }
        if event.causationid:
            envelope["causationid"] = event.causationid
        if event.traceparent:
            envelope["traceparent"] = event.traceparent
        if event.recorded:
            envelope["recordedtime"] = event.recorded.astimezone(UTC)
        return envelope

    def _data(self, kind: MessageType, data: dict[str, Any]) -> dict[str, Any]:
        if kind.recipient is None:
            return {"datacontenttype": "application/json", "data": data}
        return {"datacontenttype": SEALED, "data": self._keyrings.seal(kind.recipient, write_json(data))}

    def _open(self, kind: MessageType, raw: Mapping[str, Any]) -> Any:
        data = raw["data"]
        if kind.recipient is None:
            return data
        if not isinstance(data, str):
            raise BadMessage("data of a private message must be an encrypted text")
        try:
            return _parse(self._keyrings.open(kind.recipient, data))
        except KeysMissing:
            raise BadMessage(f"encrypted for {kind.recipient}, whose keys this service does not have") from None


def routing_key(kind: MessageType, data: Any) -> str:
    """Return `<type>.<area>.<category>`, with `_` for a missing part, so that a subscriber can bind what it needs."""
    area = getattr(data, "area", None) or "_"
    category = getattr(data, "category", None) or "_"
    return f"{kind.name}.{routing_word(area)}.{routing_word(category)}"


@lru_cache(maxsize=4096)  # the codes of a city are few
def routing_word(value: str) -> str:
    """Return a code as one word of a routing key. A dot would split it; `*` and `#` are wildcards.

    The word has at most MAX_WORD_BYTES of UTF-8, because AMQP allows a routing key of 255 bytes.
    """
    word = value.replace(".", "-").replace("*", "-").replace("#", "-")
    return word if len(word) * 4 <= MAX_WORD_BYTES else word.encode()[:MAX_WORD_BYTES].decode("utf-8", "ignore")


def _validate_envelope(event: Event[Any], kind: MessageType) -> None:
    """Raise UnwritableMessage for an envelope that readers would reject."""
    texts = [event.id, event.correlationid, event.partitionkey]
    texts += [text for text in (event.causationid, event.traceparent) if text]
    if event.type != kind.name or event.source != kind.source:
        raise UnwritableMessage(f"{kind.name}: envelope of another type or source")
    if not _all_readable(texts):
        raise UnwritableMessage(f"{kind.name}: ids must be texts of 1 to {TEXT_LIMIT} printable characters")
    if event.time.tzinfo is None or not 0 < event.sequence <= MAX_SEQUENCE:
        raise UnwritableMessage(f"{kind.name}: time without an offset, or sequence below 1 or too high")
    if event.recorded is not None and event.recorded.tzinfo is None:
        raise UnwritableMessage(f"{kind.name}: recorded without an offset")
    if event.partitionkey != event.data.concern_id:
        raise UnwritableMessage(f"{kind.name}: partitionkey is not the concern of the data")


def _parse(body: bytes) -> Any:
    try:
        return loads(body)
    except DuplicateKey as error:
        raise BadMessage(f"invalid JSON: {error}") from None
    except orjson.JSONDecodeError as error:
        raise BadMessage(f"invalid JSON: {error.msg} (line {error.lineno}, column {error.colno})") from None


def _check_envelope(raw: Any) -> MessageType:
    if not isinstance(raw, dict):
        raise BadMessage("not a CloudEvent: the body is no JSON object")
    missing = [key for key in REQUIRED if key not in raw]
    if missing:
        raise BadMessage(f"not a CloudEvent of ours: missing {', '.join(missing)}")
    if not _all_readable(_texts_of(raw)):
        for key in REQUIRED[:-1]:
            _text(raw, key)
    if raw["specversion"] != "1.0":
        raise BadMessage("specversion must be 1.0")
    sequence = raw["sequence"]
    if not (sequence.isascii() and sequence.isdigit() and len(sequence) <= 18 and int(sequence)):
        raise BadMessage("sequence must be decimal digits, 1 or more")
    kind = CATALOGUE.get(raw["type"])
    if kind is None:
        raise BadMessage("unknown type: no such message in the catalogue of this version")
    if raw["source"] != kind.source:
        raise BadMessage(f"source is not the owner of {kind.name}")
    return kind


def _text(raw: Mapping[str, Any], key: str) -> str:
    value = raw[key]
    if not _readable(value):
        raise BadMessage(f"{key} must be a text of 1 to {TEXT_LIMIT} printable characters")
    return value  # type: ignore[no-any-return]


def _readable(value: Any) -> bool:
    return type(value) is str and 0 < len(value) <= TEXT_LIMIT and value.isprintable()


def _all_readable(values: Sequence[Any]) -> bool:
    """Return whether every value is readable. One check of the joined text is several times as fast as many checks."""
    try:
        joined = "".join(values)
    except TypeError:  # a value is not a text
        return False
    short = len(joined) <= TEXT_LIMIT or max(map(len, values)) <= TEXT_LIMIT
    return short and all(values) and joined.isprintable()


def _optional_text(raw: Mapping[str, Any], key: str) -> str | None:
    return _text(raw, key) if raw.get(key) is not None else None


def _moment(value: Any, key: str = "time") -> datetime:
    try:
        return read_instant(value)
    except (ValueError, TypeError):
        raise BadMessage(f"{key} must be an RFC 3339 time, with an offset") from None
