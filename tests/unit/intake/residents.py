"""A small city, its residents' reports, and intake wired together in memory."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import orjson
from tests.memory.bus import MemoryDatabase, memory_codec
from tests.memory.intake import MemoryStore

from concord_bus.unit_of_work import OpenWork
from concord_city import Category, City, Team
from concord_contracts import Event, new_event
from concord_contracts.feedback_links import FeedbackLinks
from concord_contracts.messages import (
    ConcernAcknowledged,
    ConcernClosed,
    ConcernDeclined,
    ConcernReassigned,
    ConcernReferred,
    ConcernReopened,
    ConcernResolved,
    ConcernRouted,
    ConcernUnroutable,
    ConcernUpdated,
)
from concord_contracts.status_links import StatusLinks
from concord_intake.domain.concern import Submission
from concord_intake.domain.receipt import Receipts
from concord_intake.entrypoints.concern_routes import ConcernRoutes
from concord_intake.entrypoints.error_responses import PROBLEMS
from concord_intake.service import wire
from concord_web import Query, Response

NOW = datetime(2026, 11, 22, 18, 20, tzinfo=UTC)
KEY = b"k" * 32
LINK_KEY = "l" * 32

CITY = City(
    name="Harbourtown",
    time_zone="America/New_York",
    languages=("en", "es"),
    emergency_number="911",
    areas={},
    categories={
        "noise": Category("noise", {"en": "Noise", "es": "Ruido"}, False, "nuisance"),
        "graffiti": Category("graffiti", {"en": "Graffiti", "es": "Grafiti"}, False, "damage"),
    },
    teams={"c6": Team("c6", {"en": "South team", "es": "Equipo sur"}, None)},
    rules=(),
    emergency_words={"en": ("on fire", "gun"), "es": ("incendio", "auxilio")},
)


def told(**changes: Any) -> dict[str, Any]:
    """A request of a resident; a value of ... leaves the field out."""
    raw = {
        "category": "noise",
        "description": "Loud music at night",
        "point": {"lon": -71.0589, "lat": 42.3601},
        "occurred_at": "2026-11-22T12:00:00-05:00",
    }
    return {name: value for name, value in (raw | changes).items() if value is not ...}


def submission(**changes: Any) -> Submission:
    values: dict[str, Any] = {
        "category": "noise",
        "description": "Loud music at night",
        "point": (-71.0589, 42.3601),
        "address": None,
        "occurred_at": None,
        "channel": "web",
        "language": "en",
    }
    return Submission(**(values | changes))


def routed(sequence: int, concern: str = "c1", team: str | None = None) -> Event[ConcernRouted]:
    """Routing's event of that sequence, that many minutes after NOW."""
    at = NOW + timedelta(minutes=sequence)
    data = ConcernRouted(
        concern_id=concern,
        case_id="case-1",
        category="noise",
        area="C6",
        team=team or f"team-{sequence}",
        team_name="South team",
        channel="web",
        border=False,
        received_at=NOW,
        routed_at=at,
        acknowledge_by=at + timedelta(hours=1),
        respond_by=at + timedelta(days=1),
    )
    return new_event(data, sequence=sequence, time=at)


def unroutable(sequence: int, concern: str = "c1") -> Event[ConcernUnroutable]:
    """Routing's event of that sequence, that many minutes after NOW."""
    data = ConcernUnroutable(
        concern_id=concern,
        case_id="case-1",
        category="noise",
        channel="web",
        reason="outside",
        received_at=NOW,
        decided_at=NOW + timedelta(minutes=sequence),
    )
    return new_event(data, sequence=sequence, time=NOW)


WORKED = {
    "acknowledged": ConcernAcknowledged,
    "updated": ConcernUpdated,
    "reassigned": ConcernReassigned,
    "referred": ConcernReferred,
    "resolved": ConcernResolved,
    "declined": ConcernDeclined,
    "reopened": ConcernReopened,
    "closed": ConcernClosed,
}
TOLD_BESIDES: dict[str, dict[str, Any]] = {
    "updated": {"waiting": False},
    "reassigned": {"team_name": "North team", "from_team": "c6", "acknowledge_by": None, "respond_by": None},
    "reopened": {"initiator": "resident", "acknowledge_by": None, "respond_by": None},
    "closed": {"after": "resolved"},
}


def worked(what: str, sequence: int, concern: str = "c1", **values: Any) -> Event[Any]:
    """Routing's event `concern.<what>.v1` of that sequence, that many minutes after NOW."""
    given = {
        "concern_id": concern,
        "case_id": "case-1",
        "category": "noise",
        "area": "C6",
        "team": "c6",
        "channel": "web",
        "received_at": NOW,
        f"{what}_at": NOW + timedelta(minutes=sequence),
    }
    data = WORKED[what](**(given | TOLD_BESIDES.get(what, {}) | values))
    return new_event(data, sequence=sequence, time=NOW)


class Clock:
    """A clock that stands still until moved."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        self.now += timedelta(**by)


class Client:
    """Calls the routes of concerns like the HTTP server, which is not there. A Problem answers each error."""

    def __init__(self, transactions: Any, clock: Callable[[], datetime], keys: Sequence[bytes] = (KEY,)) -> None:
        self.address = "203.0.113.7"
        self.routes = ConcernRoutes()
        links = FeedbackLinks([LINK_KEY]), StatusLinks([LINK_KEY])
        vars(self.routes).update(wire(CITY, Receipts(keys), *links, transactions, clock))

    def report(self, raw: Any, key: str | None = None, language: str | None = None) -> dict[str, Any]:
        return self._call(self.routes.post_concern, raw, {"idempotency-key": key, "accept-language": language})

    def show(self, concern_id: str, receipt: str | None, language: str | None = None) -> dict[str, Any]:
        headers = {"concord-receipt": receipt, "accept-language": language}
        return self._call(self.routes.get_concern, None, headers, id=concern_id)

    def withdraw(self, concern_id: str, receipt: str | None, language: str | None = None) -> dict[str, Any]:
        headers = {"concord-receipt": receipt, "accept-language": language}
        return self._call(self.routes.post_withdrawal, None, headers, id=concern_id)

    def categories(self, language: str | None, query: str = "") -> dict[str, Any]:
        return self._call(self.routes.get_categories, None, {"accept-language": language}, query)

    def batch(self, lines: Iterable[Any], source: str, **options: Any) -> Iterator[bytes]:
        """Send lines; `options` are the sender's and `dry_run`, as `NdjsonImport.run` takes them."""
        return self.routes.ndjson_import.run(lines, source, **options)

    def _call(
        self, route: Callable[[Any], Response], raw: Any, headers: dict[str, str | None], query: str = "", **params: str
    ) -> dict[str, Any]:
        given = {name: value for name, value in headers.items() if value is not None}
        request = SimpleNamespace(
            headers=given, params=params, query=Query(query), bearer=None, client=self.address, json=lambda: raw
        )
        try:
            body: dict[str, Any] = orjson.loads(route(request).body)
        except Exception as error:
            raise PROBLEMS.find(error) or error from error
        return body


class Office:
    """Intake in memory: transactions as the runtime opens them, and what was published."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.codec = memory_codec()
        self.store = MemoryStore()
        self.spine = MemoryDatabase(self.store, self.clock)
        self.transactions = 0
        self.client = Client(self, self.clock)

    @contextmanager
    def work(self) -> Iterator[OpenWork[MemoryStore]]:
        with self.spine.begin() as (tx, store):
            self.transactions += 1
            work = OpenWork(store, self.clock(), self.codec)
            yield work
            tx.enqueue(work.outgoing)

    @contextmanager
    def read(self) -> Iterator[MemoryStore]:
        yield self.store

    @property
    def published(self) -> list[Event[Any]]:
        return [self.codec.decode(row.body) for row in self.spine.tables.outbox.values()]
