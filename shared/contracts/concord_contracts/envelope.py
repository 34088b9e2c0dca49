"""The envelope: one fact or request, who tells it, when it was so, and what caused it."""

from dataclasses import dataclass, field
from datetime import datetime
from random import getrandbits
from time import time_ns
from typing import Any, Generic, TypeVar

from concord_contracts.catalogue import type_of

D = TypeVar("D", covariant=True)
N = TypeVar("N")


@dataclass(frozen=True, slots=True)
class Event(Generic[D]):
    """A message with its CloudEvents attributes.

    `time` is when the fact came to be (UTC), `partitionkey` the concern it belongs to, `sequence` rises by one for
    each event of that concern at its owner, `correlationid` is the same for all that one resident's act caused.
    `recorded` is when Concord came to know of a fact of the past (UTC); None when that was at once.
    `sealed` is the encrypted data of a private message as it was read, so that a reader can keep it as it came.
    """

    id: str
    type: str
    source: str
    time: datetime
    partitionkey: str
    sequence: int
    correlationid: str
    causationid: str | None
    traceparent: str | None
    data: D
    recorded: datetime | None = None
    sealed: str | None = field(default=None, compare=False, repr=False)


def new_event_id() -> str:
    """32 hexadecimal digits that sort by time, laid out as a UUID of version 7 (RFC 9562, section 5.7).

    Every reader keeps these ids: sorted ones fill its inbox at one end, random ones write to a page of it each.
    """
    noise = f"{getrandbits(72):018x}"  # unique is enough: an id is no secret, and a system call costs more than it
    return f"{time_ns() // 1_000_000:012x}7{noise[:3]}8{noise[3:]}"


def new_event(
    data: N,
    *,
    sequence: int,
    time: datetime,
    cause: Event[Any] | None = None,
    correlationid: str | None = None,
    recorded: datetime | None = None,
) -> Event[N]:
    """A new event about `data`, whose class names its type and whose `concern_id` is its partition key.

    For a fact of the past give when it was so as `time` and when we came to know of it as `recorded`.
    """
    kind = type_of(data)
    event_id = new_event_id()
    return Event(
        id=event_id,
        type=kind.name,
        source=kind.source,
        time=time,
        partitionkey=data.concern_id,  # type: ignore[attr-defined]  # every message of the catalogue has one
        sequence=sequence,
        correlationid=cause.correlationid if cause else correlationid or event_id,
        causationid=cause.id if cause else None,
        traceparent=cause.traceparent if cause else None,
        data=data,
        recorded=None if recorded == time else recorded,
    )
