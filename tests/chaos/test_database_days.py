"""Bad days of PostgreSQL under all four services: they stay up, say why they are not ready, and go on by themselves.

Its twin with one service is tests/integration/bus/test_database_days.py.
"""

import http.client
import json
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

import psycopg2
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "bench"))

from programs import get
from stage import Service, Stage, stage

from concord_nodes import PostgresNode
from concord_nodes.mail_catcher import MailCatcher
from concord_nodes.tcp_ports import until

SERVICES = ("intake", "routing", "notification", "metrics")
LOCK_SECONDS = 60.0
CONCERN = {"category": "graffiti", "description": "A wall", "point": {"lon": -71.0944, "lat": 42.3474}}
Day = Callable[[PostgresNode, str], AbstractContextManager[None]]


@contextmanager
def read_only(node: PostgresNode, name: str) -> Iterator[None]:
    def turn(value: str) -> None:
        node.execute(f'ALTER DATABASE "{name}" SET default_transaction_read_only = {value}')
        node.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")

    turn("on")
    try:
        yield
    finally:
        turn("off")


@contextmanager
def without_the_outbox(node: PostgresNode, name: str) -> Iterator[None]:
    node.execute("ALTER TABLE outbox RENAME TO gone", name)
    try:
        yield
    finally:
        node.execute("ALTER TABLE gone RENAME TO outbox", name)


@contextmanager
def locked(node: PostgresNode, name: str) -> Iterator[None]:
    """As by a migration that rewrites tables."""
    url = node.url(name).replace("postgresql+psycopg2", "postgresql")
    with psycopg2.connect(url) as other, other.cursor() as cursor:
        cursor.execute("LOCK TABLE suspects, outbox, inbox IN ACCESS EXCLUSIVE MODE")
        yield
    other.close()


class City:
    """The four services on one broker and one server."""

    def __init__(self, on: Stage, stack: ExitStack) -> None:
        assert on.postgres is not None
        self.node = on.postgres
        self.databases = {name: on.database(name) for name in SERVICES}
        broker = stack.enter_context(on.broker())
        mail = stack.enter_context(MailCatcher()).url
        self.services: Mapping[str, Service] = {
            name: stack.enter_context(on.service(name, broker, CONCORD_DATABASE_URL=url, CONCORD_SMTP_URL=mail))
            for name, url in self.databases.items()
        }

    def readiness(self) -> dict[str, tuple[int, list[str]]]:
        answers = {name: get(service.port, "/readyz") for name, service in self.services.items()}
        return {name: (status, json.loads(body)["reasons"] if body else []) for name, (status, body) in answers.items()}

    def await_ready(self) -> None:
        assert until(lambda: all(status == 200 for status, _ in self.readiness().values()), 90, 0.2), self.readiness()

    def await_reason(self, reason: str) -> None:
        def all_say_so() -> bool:
            return all(status == 503 and reason in reasons for status, reasons in self.readiness().values())

        assert until(all_say_so, 40, 0.2), self.readiness()

    def post(self) -> tuple[int, str | None]:
        """Status and Retry-After of a new concern."""
        connection = http.client.HTTPConnection("127.0.0.1", self.services["intake"].port, timeout=60)
        connection.request("POST", "/v1/concerns", json.dumps(CONCERN), {"Content-Type": "application/json"})
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return answer.status, answer.getheader("Retry-After")


@pytest.fixture(scope="module")
def city() -> Iterator[City]:
    with stage(postgres=True) as on, ExitStack() as stack:
        made = City(on, stack)
        made.await_ready()
        yield made


@pytest.mark.parametrize(
    ("day", "reason", "seconds"),
    [
        (read_only, "the database is read-only", 10.0),
        (without_the_outbox, "the database lacks the table outbox", 10.0),
        (locked, "the database is locked or too slow", LOCK_SECONDS),
    ],
    ids=["read-only", "a missing table", "a lock for a minute"],
)
def test_all_stay_up_say_why_and_go_on(city: City, day: Day, reason: str, seconds: float) -> None:
    before = {name: service.pid for name, service in city.services.items()}
    assert city.post() == (201, None)
    with ExitStack() as days:
        began = time.monotonic()
        for url in city.databases.values():
            days.enter_context(day(city.node, url.rpartition("/")[2]))
        city.await_reason(reason)
        status, retry_after = city.post()
        assert status == 503
        assert retry_after is not None
        threading.Event().wait(max(0.0, began + seconds - time.monotonic()))
    city.await_ready()
    assert city.post() == (201, None)
    assert {name: service.pid for name, service in city.services.items()} == before
    assert all(service.metric("concord_bus_parked_messages") == 0 for service in city.services.values())
