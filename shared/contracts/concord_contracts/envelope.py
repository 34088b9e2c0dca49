"""The envelope of a message: its source, time, order and cause."""

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

    - `time` is when the fact happened (UTC); `recorded` is when Concord recorded it, None for the same time.
    - `partitionkey` is the concern; `sequence` rises by one with each event of that concern from its owner.
    - `correlationid` is the same for all events that follow from one action of a person.
    - `sealed` is the encrypted data of a private message, so that its reader can store it unchanged.
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
    """Return 32 hexadecimal digits that sort by time, in the form of a UUID of version 7 (RFC 9562, section 5.7).

    Every reader stores these ids. Sorted ids fill the index of its inbox at one end; random ones touch a page each.
    """
    noise = f"{getrandbits(72):018x}"  # unique is enough: an id is no secret, and this needs no system call
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
    """Return a new event with `data`. Its class gives the type, and its `concern_id` is the partition key.

    For an imported fact, `time` is when it happened and `recorded` is the time of the import.
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
