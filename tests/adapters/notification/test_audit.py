"""What operators do with webhooks leaves one entry each, in the transaction of the change and without any secret."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.fernet import Fernet, MultiFernet
from sqlalchemy import event
from tests.memory.bus import MemoryDatabase, memory_codec
from tests.memory.notification import MemoryStore

from concord_bus.adapters.sql.database import Database
from concord_bus.adapters.sql.migrate import upgrade
from concord_bus.unit_of_work import OpenWork
from concord_contracts import new_event
from concord_contracts.messages import ConcernReceived
from concord_notification.store import SqlStore
from concord_notification.webhooks.adapters.signing import new_secret
from concord_notification.webhooks.adapters.vault import FernetEndpointVault
from concord_notification.webhooks.application.fan_out import EndpointCache, FanOut
from concord_notification.webhooks.application.manage_endpoints import (
    DeliveryNotFound,
    EndpointDisabled,
    EndpointNameTaken,
    EndpointNotFound,
    EndpointService,
    NewEndpoint,
)
from concord_notification.webhooks.domain.endpoint import Endpoint, Grant
from concord_notification.webhooks.domain.url_policy import UrlRefused

NOW = datetime(2026, 11, 26, 15, 0, tzinfo=UTC)
KIND = "concern.received.v1"
URL = "https://hooks.example.org:8443/into/s3cret-path?token=s3cret-query"
ACTOR = "user:7f3a"
CODEC = memory_codec()


class Office:
    """A desk on one of the stores, and the service's own handler of events."""

    def __init__(self, spine: Any) -> None:
        self.spine = spine
        cache = EndpointCache()
        vault = FernetEndpointVault(MultiFernet([Fernet(Fernet.generate_key())]))
        self.desk = EndpointService(self.work, self.read, vault, cache, _resolve, new_secret, internal_hosts=["::1"])
        self.fan_out = FanOut(CODEC, cache)

    @contextmanager
    def work(self) -> Iterator[OpenWork[Any]]:
        with self.spine.begin() as (tx, store):
            work = OpenWork(store, NOW, CODEC)
            yield work
            tx.enqueue(work.outgoing)

    @contextmanager
    def read(self) -> Iterator[Any]:
        with self.spine.read() as (_, store):
            yield store

    def add(
        self, name: str = "parks", url: str = URL, contact: str | None = None, **grant: Any
    ) -> tuple[Endpoint, str]:
        return self.desk.add(NewEndpoint(name, url, Grant((KIND,), **grant), contact), ACTOR)

    def event(self, concern: str) -> str:
        """Tell the service of a public event; its id."""
        data = ConcernReceived(
            concern_id=concern,
            category="noise",
            channel="web",
            received_at=NOW,
            occurred_at=None,
            place="none",
            point=None,
        )
        made = new_event(data, sequence=1, time=NOW)
        with self.work() as work:
            self.fan_out.queue([made], work)
        return made.id

    def entries(self) -> list[tuple[str, str, str, Any]]:
        with self.read() as store:
            records = store.audit.records()
        return [(each.actor, each.action, each.subject, json.loads(each.details)) for each in records]


def _resolve(host: str, port: int) -> Sequence[str]:
    return ["::1"] if host == "::1" else ["93.184.216.34"]


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def office(request: pytest.FixtureRequest) -> Iterator[Office]:
    if request.param == "memory":
        yield Office(MemoryDatabase(MemoryStore()))
        return
    url = request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url")
    upgrade(url, "concord_notification")
    database = Database(url, SqlStore)
    yield Office(database)
    database.dispose()


def test_one_entry_for_each_command_on_an_endpoint(office: Office) -> None:
    endpoint, first = office.add(areas=("B2", "C6"))
    _, second, _ = office.desk.rotate("parks", "key:robot", timedelta(hours=1))
    office.event("a")
    office.desk.disable("parks", ACTOR)
    office.desk.enable(endpoint.id, "operator")
    office.desk.remove("parks", ACTOR)

    about = f"webhook:{endpoint.id}"
    where = {"host": "hooks.example.org:8443", "types": 1, "areas": 2, "categories": None}
    assert office.entries() == [
        (ACTOR, "webhook.added", about, {"name": "parks", **where}),
        ("key:robot", "webhook.rotated", about, {"name": "parks", "overlap_seconds": 3600}),
        (ACTOR, "webhook.disabled", about, {"name": "parks", "given_up": 0}),
        ("operator", "webhook.enabled", about, {"name": "parks"}),
        (ACTOR, "webhook.removed", about, {"name": "parks"}),
    ]
    stored = str(office.entries())
    assert not [each for each in ("s3cret", first, second, "ops@", "whsec") if each in stored]


def test_one_entry_for_each_replay(office: Office) -> None:
    endpoint, _ = office.add()
    event_id = office.event("a")
    office.event("b")
    office.desk.disable("parks", ACTOR)
    office.desk.enable("parks", ACTOR)
    before = len(office.entries())
    assert office.desk.replay_one("parks", event_id, ACTOR) == 1
    assert office.desk.replay_since("parks", NOW - timedelta(days=1), ACTOR, delivered_too=True) == 1

    assert office.entries()[1][3] == {"name": "parks", "given_up": 2}
    since = {"since": "2026-11-25T15:00:00.000000Z", "delivered_too": True}
    assert office.entries()[before:] == [
        (ACTOR, "webhook.replayed", f"webhook:{endpoint.id}", {"name": "parks", "event": event_id, "events": 1}),
        (ACTOR, "webhook.replayed", f"webhook:{endpoint.id}", {"name": "parks", "events": 1, **since}),
    ]


def test_what_was_refused_leaves_none(office: Office) -> None:
    office.add()
    office.desk.disable("parks", ACTOR)
    before = office.entries()
    refused = (
        (EndpointNameTaken, office.add),
        (UrlRefused, lambda: office.add("water", "http://hooks.example.org/")),
        (EndpointNotFound, lambda: office.desk.rotate("water", ACTOR)),
        (EndpointNotFound, lambda: office.desk.remove("water", ACTOR)),
        (EndpointDisabled, lambda: office.desk.replay_since("parks", NOW, ACTOR)),
    )
    for error, command in refused:
        with pytest.raises(error):
            command()
    office.desk.enable("parks", ACTOR)
    with pytest.raises(DeliveryNotFound):
        office.desk.replay_one("parks", "an unknown event", ACTOR)
    assert office.entries()[:-1] == before


def test_without_its_entry_nothing_is_changed(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.add()

    def broken(*_: Any) -> Any:
        raise RuntimeError

    with office.read() as store:
        monkeypatch.setattr(type(store.audit), "append", broken)
    commands = (
        lambda: office.add("water"),
        lambda: office.desk.rotate("parks", ACTOR),
        lambda: office.desk.disable("parks", ACTOR),
        lambda: office.desk.remove("parks", ACTOR),
        lambda: office.desk.replay_since("parks", NOW, ACTOR),
    )
    before = office.desk.list()
    for command in commands:
        with pytest.raises(RuntimeError):
            command()
    assert office.desk.list() == before


def test_an_address_with_brackets_is_left_out(office: Office) -> None:
    office.add(url="http://[::1]:9000/")
    assert office.entries()[0][3]["host"] is None


def test_events_do_not_touch_the_chain(databases: str) -> None:
    upgrade(databases, "concord_notification")
    database, statements = Database(databases, SqlStore), []
    office = Office(database)
    office.add()

    @event.listens_for(database.engine, "before_cursor_execute")
    def keep(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        statements.append(statement)

    office.event("a")
    database.dispose()
    assert [each for each in statements if "webhook_deliveries" in each]
    assert not [each for each in statements if "audit_entries" in each or "advisory" in each]
