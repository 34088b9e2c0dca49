"""One concern from another system, and the line of intake's batch that it becomes."""

from collections.abc import Iterator
from typing import Any, NamedTuple, Protocol

from concord_i18n.languages import supported_languages

CONTACT_EVERY = 5
LANGUAGES = supported_languages()


class Record(NamedTuple):
    """One concern. `number` counts records from 1; `point` is (longitude, latitude) in WGS 84 degrees.

    `occurred_at` is None when the file has only the day or month, or no time. Then `opened_at` is the beginning of
    that day or month in the city. `area` is the one that the city itself recorded. `promised_by` is the city's own
    target and `closed_at` its closing time, None when the file lacks them. Times are ISO 8601 with offset.
    """

    number: int
    id: str
    category: str
    text: str
    occurred_at: str | None
    point: tuple[float, float] | None
    area: str | None
    channel: str
    promised_by: str | None = None
    closed_at: str | None = None
    opened_at: str | None = None


class Records(Protocol):
    """Records that one can count, and go through more than once."""

    def __len__(self) -> int: ...

    def __iter__(self) -> Iterator[Record]: ...


def line_of(record: Record, *, example_contacts: bool, history: bool = False) -> dict[str, Any]:
    """Return the record as a line of intake's batch. A record without a point gets none, so a person routes it.

    With `history` the line keeps the record's own times; else it counts as reported now. With `example_contacts` every
    fifth gets an invented contact, in the supported languages by turns.
    """
    line: dict[str, Any] = {
        "id": record.id,
        "category": record.category,
        "description": record.text,
        "channel": record.channel,
    }
    if record.occurred_at:
        line["occurred_at"] = record.occurred_at
    if history:
        line |= _history(record)
    if record.point:
        line["point"] = {"lon": record.point[0], "lat": record.point[1]}
    if example_contacts and record.number % CONTACT_EVERY == 0:
        language = LANGUAGES[record.number // CONTACT_EVERY % len(LANGUAGES)]
        line["contact"] = {"email": f"resident-{record.number}@example.org", "language": language}
    return line


def _history(record: Record) -> dict[str, str]:
    opened = record.occurred_at or record.opened_at
    times = {"reported_at": opened, "promised_by": record.promised_by, "closed_at": record.closed_at}
    return {name: time for name, time in times.items() if time}
