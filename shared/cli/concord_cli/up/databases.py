"""Creation of the services' databases on a PostgreSQL server."""

from typing import Any

from sqlalchemy.engine import URL, make_url

from concord_cli.common.errors import UsageError

CONNECT_SECONDS = 10
CREATE = "CREATE DATABASE {} ENCODING 'UTF8' TEMPLATE template0"
"""The services need UTF-8; a server without a locale has another default."""


def create_missing(urls: dict[str, str]) -> list[str]:
    """Create missing databases and return their names. Raises UsageError with the server's error."""
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
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise UsageError(f"Error of the PostgreSQL server at {server.host or 'its socket'}: {reason}") from error
    return created


def _arguments(server: URL) -> dict[str, Any]:
    translated = server.translate_connect_args(username="user", database="dbname")
    return {"connect_timeout": CONNECT_SECONDS, **translated, **{k: str(v) for k, v in server.query.items()}}
