"""The concerns that `concord city try --live` reads, on SQLite and PostgreSQL."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from concord_bus.adapters.sql.database import Database
from concord_bus.adapters.sql.migrate import upgrade
from concord_city.domain.comparison import PastConcern
from concord_intake.adapters.repository import SqlStore
from concord_intake.domain.concern import Concern
from concord_intake.entrypoints import past_concerns as entrypoint
from concord_intake.entrypoints.past_concerns import past_concerns

AT = datetime(2026, 3, 4, 12, 0, 0, 123_456, tzinfo=UTC)
DAY = timedelta(days=1)
CONCERN = Concern(
    "a", b"hash", "noise", "A private matter", "en", "phone", -71.0, 42.0, "1 Main Street", AT - DAY, AT, False
)


@pytest.fixture
def database(databases):
    upgrade(databases, "concord_intake")
    opened = Database(databases, SqlStore)
    yield opened
    opened.dispose()


def read(database, since):
    with database.engine.connect() as connection:
        return sorted(past_concerns(connection, since), key=lambda concern: concern.id)


def test_the_concerns_since_a_time_come_without_texts(database):
    with database.begin() as (_, store):
        store.add(
            [
                CONCERN,
                replace(CONCERN, id="b", lon=None, lat=None, occurred_at=None),
                replace(CONCERN, id="c", received_at=AT - DAY),
            ]
        )
    found = read(database, AT)
    assert found == [
        PastConcern("a", "noise", "phone", AT, AT - DAY, (-71.0, 42.0)),
        PastConcern("b", "noise", "phone", AT),
    ]
    assert "private" not in repr(found)
    assert "Main" not in repr(found)


def test_more_concerns_than_the_driver_holds_at_a_time_all_come(database, monkeypatch):
    monkeypatch.setattr(entrypoint, "PAGE", 2)
    with database.begin() as (_, store):
        store.add([replace(CONCERN, id=str(number)) for number in range(5)])
    assert [concern.id for concern in read(database, AT)] == ["0", "1", "2", "3", "4"]
