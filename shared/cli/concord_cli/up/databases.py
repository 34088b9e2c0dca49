"""Each service's own database on a PostgreSQL server."""

from typing import Any

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from concord_bus.topology import SERVICES
from concord_cli.common.errors import UsageError

CONNECT_SECONDS = 10
EXAMPLE = "postgresql+psycopg2://user:password@host:5432/"


def postgres_urls(prefix: str) -> dict[str, str]:
    """`prefix` names the server, not a database: each service gets `concord_<service>`. Raises UsageError."""
    try:
        server = make_url(prefix)
    except ArgumentError:
        raise UsageError(f"--database must look like {EXAMPLE}") from None
    if server.drivername != "postgresql+psycopg2":
        raise UsageError(f"--database must look like {EXAMPLE} (leave it out for SQLite files in the home folder)")
    if server.database:
        raise UsageError(
            f"--database must end with / after the host: each service gets a database of its own ({EXAMPLE})"
        )
    return {
        service: server.set(database=f"concord_{service}").render_as_string(hide_password=False) for service in SERVICES
    }


CREATE = "CREATE DATABASE {} ENCODING 'UTF8' TEMPLATE template0"
"""A server set up without a locale gives others: services refuse them."""


def create_missing(urls: dict[str, str]) -> list[str]:
    """Create the databases that do not exist; their names. Raises UsageError when the server says no."""
    import psycopg2
    from psycopg2 import sql

    created = []
    server = make_url(next(iter(urls.values()))).set(database="postgres")
    try:
        connection = psycopg2.connect(**_arguments(server))
        try:
            connection.autocommit = True
            for url in urls.values():
                name = make_url(url).database or ""
                with connection.cursor() as cursor:
                    cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,))
                    if cursor.fetchone() is None:
                        cursor.execute(sql.SQL(CREATE).format(sql.Identifier(name)))
                        created.append(name)
        finally:
            connection.close()
    except psycopg2.Error as error:
        raise UsageError(
            f"The PostgreSQL server at {server.host or 'its socket'} says: {_first_line(error)}"
        ) from error
    return created


def _arguments(server: URL) -> dict[str, Any]:
    translated = server.translate_connect_args(username="user", database="dbname")
    return {"connect_timeout": CONNECT_SECONDS, **translated, **{k: str(v) for k, v in server.query.items()}}


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
