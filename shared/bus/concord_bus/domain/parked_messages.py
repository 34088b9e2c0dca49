"""Parked messages: filters, operators' actions, and the chances of a replay."""

from dataclasses import dataclass
from typing import Any

import orjson

from concord_bus.domain.delivery import Delivery
from concord_contracts import BadMessage, Codec, Keyrings

SETTLED = ("replayed", "dropped")
"""The final statuses of a parked message."""
SUBJECT_PREFIX = "parked/"


@dataclass(frozen=True, slots=True)
class ParkedFilter:
    """Selects parked messages; a field that is None selects all.

    `type` may hold `*` for any text, and matches the routing key of an unreadable message. `reason` is a part of the
    reason, in upper or lower case. `since` is the earliest time of parking, in epoch seconds.
    """

    type: str | None = None
    reason: str | None = None
    since: float | None = None


@dataclass(frozen=True, slots=True)
class OperatorAction:
    """An operator's action on a subject, with its time (epoch seconds, UTC) and a note with the reason."""

    at: float
    actor: str
    action: str
    subject: str
    note: str


def subject_of(parked_id: int) -> str:
    """Return the subject of an operator's action on a parked message, such as `parked/17`."""
    return f"{SUBJECT_PREFIX}{parked_id}"


@dataclass(frozen=True, slots=True)
class Replayability:
    """The facts about a message that need none of the service's keys.

    - `partition_key`: its concern, None for an unreadable message.
    - `obstacle`: the reason that no replay can succeed, None without such a reason.
    - `sealed`: whether one service alone can decrypt its data.
    """

    partition_key: str | None
    obstacle: str | None
    sealed: bool = False


class _Sealed(Exception):
    """The codec reached encrypted data."""


class _Unopened(Keyrings):
    """Decrypts nothing: the real codec checks everything before the encrypted data, and nothing behind it."""

    def open(self, recipient: str, token: str) -> bytes:
        raise _Sealed


_codec = Codec(_Unopened({}))


def assess_replay(delivery: Delivery, max_bytes: int) -> Replayability:
    """Check a message as the service would, except for encrypted data. `max_bytes` is the limit of a body in bytes."""
    refusal = delivery.refusal(max_bytes)
    if refusal:
        return Replayability(None, refusal)
    try:
        return Replayability(_codec.decode(delivery.body).partitionkey, None)
    except _Sealed:
        return Replayability(_raw_key(delivery.body), None, sealed=True)
    except BadMessage as bad:
        return Replayability(None, bad.reason)
    except Exception as error:  # the edge: any other error in a hostile body is an obstacle too
        return Replayability(None, f"cannot be read: {type(error).__name__}")


def _raw_key(body: bytes) -> str:
    """Return the concern of an envelope that the codec has checked."""
    envelope: dict[str, Any] = orjson.loads(body)
    return str(envelope["partitionkey"])
