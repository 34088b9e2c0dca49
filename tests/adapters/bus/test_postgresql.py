"""What a server was set up with does not change what Concord relies on."""

from collections.abc import Iterator

import pytest
from psycopg2 import sql
from sqlalchemy import text

from concord_bus.adapters.sql.database import create_database_engine
from concord_bus.adapters.sql.migrate import upgrade
from concord_bus.adapters.sql.migrate_subprocess import upgrade_in_subprocess
from concord_bus.domain.errors import UnsupportedDatabase
from concord_nodes import PostgresNode

NAME = "without_a_locale"


@pytest.fixture
def without_a_locale(postgres: PostgresNode) -> Iterator[str]:
    """The URL of a database as a server makes it that was set up without a locale."""
    made = "CREATE DATABASE {} ENCODING 'SQL_ASCII' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'"
    postgres.execute(sql.SQL(made).format(sql.Identifier(NAME)))
    yield postgres.url(NAME)
    postgres.drop_database(NAME)


def test_a_database_that_is_not_in_utf_8_is_refused_with_what_to_do(without_a_locale: str) -> None:
    for refused in (upgrade, upgrade_in_subprocess):
        with pytest.raises(UnsupportedDatabase, match="ENCODING 'UTF8' TEMPLATE template0"):
            refused(without_a_locale, "concord_intake")


def test_what_a_lock_was_waited_for_is_read_anew_whatever_the_server_prefers(
    postgres: PostgresNode, postgres_url: str
) -> None:
    name = sql.Identifier(postgres_url.rpartition("/")[2])
    postgres.execute(sql.SQL("ALTER DATABASE {} SET default_transaction_isolation = 'repeatable read'").format(name))
    engine = create_database_engine(postgres_url)
    with engine.begin() as connection:
        assert connection.scalar(text("SHOW transaction_isolation")) == "read committed"
    engine.dispose()
