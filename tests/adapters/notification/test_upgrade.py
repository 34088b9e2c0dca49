"""A database of the release before is brought to the new schema with all that was in it."""

from datetime import UTC, datetime

from alembic import command
from sqlalchemy import text

from concord_bus.adapters.sql.database import Database, create_database_engine
from concord_bus.adapters.sql.migrate import SERVICE_VERSION_TABLE, alembic_config, upgrade
from concord_notification.notices.domain.concern import Concern, Contact, Decision
from concord_notification.notices.domain.delivery import State
from concord_notification.store import SqlStore

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
PACKAGE = "concord_notification"
CONCERN = (
    "INSERT INTO concerns (concern_id, contact_id, contact_sequence, language, sealed, given_at, decision_id,"
    " decision_sequence, kind, decided_at, correlation_id, team, acknowledge_by, events) VALUES"
    " ('a', 'e-2', 3, 'es', 'sealed', :now, 'e-1', 2, 'routed', :now, 'k', 'd4', :now, 1),"
    " ('b', 'e-3', 3, 'en', 'sealed', :now, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0)"
)
DELIVERY = (
    "INSERT INTO deliveries (id, concern_id, contact_id, cause_id, language, due_at, not_before, state, attempts,"
    " uncertain) VALUES ('n-1', 'a', 'e-2', 'e-1', 'es', :now, :now, 'delivered', 1, :no)"
)


def migrate(url: str, revision: str, *, down: bool = False) -> None:
    engine = create_database_engine(url)
    with engine.connect() as connection:
        config = alembic_config(PACKAGE)
        config.attributes.update(connection=connection, version_table=SERVICE_VERSION_TABLE)
        (command.downgrade if down else command.upgrade)(config, revision)
        connection.commit()
    engine.dispose()


def test_what_was_there_is_there_and_can_go_back(databases: str) -> None:
    migrate(databases, "0001")
    sqlite = databases.startswith("sqlite")
    engine = create_database_engine(databases)
    with engine.begin() as connection:
        now = NOW.strftime("%Y-%m-%d %H:%M:%S.%f") if sqlite else NOW
        connection.execute(text(CONCERN), {"now": now})
        connection.execute(text(DELIVERY), {"now": now, "no": False})
    engine.dispose()

    upgrade(databases, PACKAGE)
    database = Database(databases, SqlStore)
    with database.begin() as (_, store):
        assert store.concerns(["a", "b"]) == [
            Concern(
                "a",
                Contact("a", "e-2", 3, "es", "sealed", NOW),
                (Decision("a", "e-1", 2, "routed", NOW, "k", team="d4", acknowledge_by=NOW),),
            ),
            Concern("b", Contact("b", "e-3", 3, "en", "sealed", NOW)),
        ]
        assert [each.notice for each in store.deliveries(State.DELIVERED, 5)] == ["acknowledgement"]
        assert store.ledger().unanswered == 1
        assert dict(store.count_events({"a": 1})) == {"a": 2}
    database.dispose()

    migrate(databases, "0001", down=True)
    engine = create_database_engine(databases)
    with engine.connect() as connection:
        kept = connection.execute(text("SELECT concern_id, decision_id, kind, team FROM concerns ORDER BY concern_id"))
        assert [tuple(row) for row in kept] == [("a", "e-1", "routed", "d4"), ("b", None, None, None)]
    engine.dispose()
