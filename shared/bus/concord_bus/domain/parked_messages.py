"""What operators do with parked messages: which they mean, what they did, and whether a replay can succeed."""

from dataclasses import dataclass
from typing import Any

import orjson

from concord_bus.domain.delivery import Delivery
from concord_contracts import BadMessage, Codec, Keyrings

SETTLED = ("replayed", "dropped")
"""The statuses of a message that is parked no more."""
SUBJECT_PREFIX = "parked/"


@dataclass(frozen=True, slots=True)
class ParkedFilter:
    """Which parked messages are meant; what is None does not matter.

    `type` may hold `*` for any text; a message that could not be read is known by its routing key. `reason` is a part
    of the reason, upper or lower case; `since` is the earliest time of parking in seconds since the epoch.
    """

    type: str | None = None
    reason: str | None = None
    since: float | None = None


@dataclass(frozen=True, slots=True)
class OperatorAction:
    """Who did what to which thing, when (seconds since the epoch, UTC), and why."""

    at: float
    actor: str
    action: str
    subject: str
    note: str


def subject_of(parked_id: int) -> str:
    """How an operator's action names a parked message."""
    return f"{SUBJECT_PREFIX}{parked_id}"


@dataclass(frozen=True, slots=True)
class Replayability:
    """What can be said of a message without the service's keys.

    `partition_key` is its concern, None when it cannot be read; `obstacle` is why it can never be read, None when
    nothing is known against it; `sealed` says that its data are encrypted for one service.
    """

    partition_key: str | None
    obstacle: str | None
    sealed: bool = False


class _Sealed(Exception):
    """Reading came as far as the seal."""


class _Unopened(Keyrings):
    """Opens nothing, so that everything up to the seal is judged by the real codec and nothing behind it is read."""

    def open(self, recipient: str, token: str) -> bytes:
        raise _Sealed


_codec = Codec(_Unopened({}))


def assess_replay(delivery: Delivery, max_bytes: int) -> Replayability:
    """Judge a message as the service would, save for what is sealed. `largest` is the limit of a body in bytes."""
    refusal = delivery.refusal(max_bytes)
    if refusal:
        return Replayability(None, refusal)
    try:
        return Replayability(_codec.decode(delivery.body).partitionkey, None)
    except _Sealed:
        return Replayability(_raw_key(delivery.body), None, sealed=True)
    except BadMessage as bad:
        return Replayability(None, bad.reason)
    except Exception as error:  # the edge: what nobody foresaw in a hostile body is an obstacle too
        return Replayability(None, f"cannot be read: {type(error).__name__}")


def _raw_key(body: bytes) -> str:
    """The codec has checked that it is a text."""
    envelope: dict[str, Any] = orjson.loads(body)
    return str(envelope["partitionkey"])
