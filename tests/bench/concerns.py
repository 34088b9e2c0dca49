"""Real concerns, as many as a benchmark wants: the sample's records over and over, each with a new id."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count, cycle, islice
from typing import Any

from stage import CITY, RECORDS

from concord_city import Assignment, Locator, decide, load
from concord_cli.common.records import Record, line_of
from concord_cli.records import CONCORD, RecordsFile, judge_file
from concord_contracts import Codec, Keyrings, new_event
from concord_contracts.messages import ConcernSubmitted, ExactPoint
from concord_intake.domain.concern import new_concern_id
from concord_routing.domain.case_opening import happened_at

WITHOUT_PLACE = "address unknown"


def records(number: int) -> Iterator[Record]:
    """That many records, numbered from 1, with distinct ids."""
    endless = cycle(judge_file(RecordsFile(RECORDS, CONCORD)).records)
    for place, record in zip(count(1), islice(endless, number), strict=False):
        yield replace(record, number=place, id=f"{record.id}-{place}")


def lines(number: int, part: str, *, contacts: bool) -> Iterator[bytes]:
    """Lines for intake's batch, with ids of this part; with `contacts` one in five leaves an e-mail address."""
    for record in records(number):
        record = replace(record, id=f"{part}-{record.id}")
        yield json.dumps(line_of(record, example_contacts=contacts)).encode()


def requests(number: int, *, contacts: bool) -> Iterator[bytes]:
    """Bodies of single POSTs; with `contacts` each leaves an e-mail address, resident-<number>@example.org."""
    for record in records(number):
        told = line_of(record, example_contacts=False)
        del told["id"]
        if record.point is None:
            told["address"] = WITHOUT_PLACE
        if contacts:
            told["contact"] = {"email": f"resident-{record.number}@example.org", "language": "en"}
        yield json.dumps(told).encode()


def submitted(number: int) -> Iterator[ConcernSubmitted]:
    """What routing is told of them."""
    for record in records(number):
        received_at = datetime.now(UTC)
        yield ConcernSubmitted(
            concern_id=new_concern_id(received_at),
            category=record.category,
            channel=record.channel,
            description=record.text,
            language="en",
            received_at=received_at,
            occurred_at=datetime.fromisoformat(record.occurred_at) if record.occurred_at else None,
            point=ExactPoint(lon=record.point[0], lat=record.point[1]) if record.point else None,
            address=None,
        )


def events_of_routing(number: int) -> int:
    """How many events routing tells of them: where each went, and what those that have a team are promised."""
    city = load(CITY)
    told = list(submitted(number))
    places = Locator(city).locate_all([(each.point.lon, each.point.lat) if each.point else None for each in told])
    verdicts = (
        decide(city, located, each.category, each.channel, happened_at(each))
        for each, located in zip(told, places, strict=True)
    )
    return number + sum(isinstance(each, Assignment) for each in verdicts)


def sealed(number: int, keys: Mapping[str, str]) -> Iterator[tuple[str, str, bytes]]:
    """Exchange, routing key and body of `concern.submitted.v1`, data encrypted."""
    codec = Codec(Keyrings.from_env(keys))
    for data in submitted(number):
        encoded = codec.encode(new_event(data, sequence=2, time=data.received_at))
        yield encoded.exchange, encoded.routing_key, encoded.body


def in_the_clear(number: int) -> Iterator[tuple[str, str, bytes]]:
    """The same as plain JSON for stock nameko."""
    for data in submitted(number):
        told: dict[str, Any] = {
            "concern_id": data.concern_id,
            "category": data.category,
            "channel": data.channel,
            "description": data.description,
            "language": data.language,
            "received_at": data.received_at.isoformat(),
            "occurred_at": data.occurred_at and data.occurred_at.isoformat(),
            "point": data.point and [data.point.lon, data.point.lat],
        }
        yield "intake.events", "concern_submitted", json.dumps(told).encode()
