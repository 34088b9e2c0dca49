"""Real parts for tests: private RabbitMQ, PostgreSQL, Prometheus and SMTP servers, started when a test first asks.

A part that is not installed skips its tests on a developer's machine and fails them in CI (`CI=true`).
"""

import os
import shutil
import signal
import tempfile
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import HealthCheck, settings

from concord_nodes import PartMissing, PostgresNode, PrometheusNode, RabbitNode
from concord_nodes.mail_catcher import MailCatcher
from concord_nodes.prometheus import find_program

# Machines that run tests are shared: the time that an example takes says nothing about the code.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")


@dataclass(frozen=True, slots=True)
class Vhost:
    """A virtual host of the session's node, made for one test."""

    node: RabbitNode
    name: str

    @property
    def amqp_url(self) -> str:
        return self.node.amqp_url(vhost=self.name)


def pytest_configure() -> None:
    """SIGTERM, as `timeout` and CI send it, ends the run like Ctrl-C: nodes are stopped, folders removed.

    A run in the background may inherit that Ctrl-C is ignored; programs under test would inherit it too.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    signal.signal(signal.SIGINT, signal.default_int_handler)


T = TypeVar("T")
N = TypeVar("N", RabbitNode, PostgresNode, PrometheusNode)


def started(node: N) -> N:
    return there(node.start)


def there(look: Callable[[], T]) -> T:
    """What `look` gives; a part that it misses skips the test, and fails it in CI."""
    try:
        return look()
    except PartMissing as missing:
        if os.environ.get("CI"):
            pytest.fail(f"In CI every part must be there. {missing}")
        pytest.skip(str(missing))


@pytest.fixture(scope="session")
def parts_folder() -> Iterator[Path]:
    """Where nodes live. Not pytest's own folder: that is closed to the account PostgreSQL runs as."""
    folder = Path(tempfile.mkdtemp(prefix="concord-parts-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def rabbit(parts_folder: Path) -> Iterator[RabbitNode]:
    """The session's RabbitMQ node. Tests share it: use `vhost`; to stop or freeze a node use `rabbit_own`."""
    node = RabbitNode(parts_folder / "rabbit")
    try:
        yield started(node)
    finally:
        node.discard()


@pytest.fixture
def rabbit_own(parts_folder: Path) -> Iterator[RabbitNode]:
    """A RabbitMQ node for this test alone, to be killed, frozen or restarted."""
    node = RabbitNode(parts_folder / f"rabbit-{uuid.uuid4().hex[:8]}")
    try:
        yield started(node)
    finally:
        node.discard()


@pytest.fixture
def vhost(rabbit: RabbitNode) -> Iterator[Vhost]:
    """An empty virtual host on the session's node, gone after the test."""
    made = Vhost(rabbit, f"test-{uuid.uuid4().hex[:12]}")
    rabbit.management.create_vhost(made.name)
    yield made
    rabbit.management.delete_vhost(made.name)


@pytest.fixture(scope="session")
def postgres(parts_folder: Path) -> Iterator[PostgresNode]:
    """The session's PostgreSQL server."""
    node = PostgresNode(parts_folder / "postgres")
    try:
        yield started(node)
    finally:
        node.discard()


@pytest.fixture
def postgres_url(postgres: PostgresNode) -> Iterator[str]:
    """The URL of an empty PostgreSQL database, gone after the test."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    yield postgres.create_database(name)
    postgres.drop_database(name)


@pytest.fixture(scope="session")
def promtool() -> Path:
    """The program that checks and tests Prometheus' rules."""
    return there(lambda: find_program("promtool"))


@pytest.fixture(scope="session")
def prometheus(parts_folder: Path) -> Iterator[PrometheusNode]:
    """The session's Prometheus, which scrapes nothing."""
    node = PrometheusNode(parts_folder / "prometheus")
    try:
        yield started(node)
    finally:
        node.discard()


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The URL of a SQLite file that does not exist yet."""
    return f"sqlite:///{tmp_path / (uuid.uuid4().hex + '.db')}"


@pytest.fixture(params=["sqlite", "postgresql"])
def databases(request: pytest.FixtureRequest) -> str:
    """The URL of an empty database: the test runs once on SQLite and once on PostgreSQL."""
    url: str = request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url")
    return url


@pytest.fixture
def mail() -> Iterator[MailCatcher]:
    """An SMTP server that keeps what it gets and can be told to refuse or hang."""
    with MailCatcher() as catcher:
        yield catcher
