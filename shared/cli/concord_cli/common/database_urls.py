"""URLs of the services' databases, from the command line or a home folder."""

from pathlib import Path

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from concord_bus.topology.declarations import SERVICES
from concord_cli.common.errors import UsageError
from concord_cli.common.home_folder import INVENTORY

SERVER_EXAMPLE = "postgresql+psycopg2://user:password@host:5432/"


def parsed_url(text: str, example: str) -> URL:
    """Raises UsageError, with the example, for text that is no URL."""
    try:
        return make_url(text)
    except (ArgumentError, ValueError):  # the latter for half a bracket, or a port that is no number
        raise UsageError(f"--database must look like {example}") from None


def server_urls(server: str) -> dict[str, str]:
    """Return the URL of each service's database `concord_<service>` on a PostgreSQL server. Raises UsageError."""
    url = parsed_url(server, SERVER_EXAMPLE)
    if url.drivername != "postgresql+psycopg2":
        raise UsageError(f"--database must look like {SERVER_EXAMPLE} (omit it for SQLite files in the home folder)")
    if url.database:
        raise UsageError(
            f"--database must end with / after the host: each service gets a database of its own ({SERVER_EXAMPLE})"
        )
    return {name: url.set(database=f"concord_{name}").render_as_string(hide_password=False) for name in SERVICES}


def service_url(service: str, database: str) -> str:
    """Return a database's URL as it is; for a server's URL (with `/` at its end) that of the service's database.

    Raises UsageError.
    """
    url = parsed_url(database, "sqlite:////folder/file.db or postgresql+psycopg2://user:password@host:5432/name")
    if url.get_backend_name() != "sqlite" and not url.database:
        return server_urls(database)[service]
    return database


def sqlite_url(file: Path) -> str:
    """Return the URL of an SQLite file, with `%`, `?` and other marks of a URL in its path encoded."""
    return URL.create("sqlite", database=str(file)).render_as_string()


def local_url(service: str, home: Path) -> str:
    """Return the URL of the service's SQLite file in the home folder of a local run. Raises UsageError."""
    if not (home / INVENTORY).exists() and not (home / service).exists():
        raise UsageError(f"{home} is not the home folder of a local run: set --home or --database.")
    return sqlite_url(home.absolute() / service / f"{service}.db")


def database_url(service: str, database: str | None, home: Path) -> str:
    """Return the URL of `database` (see `service_url`), else of the file in `home`. Raises UsageError."""
    return service_url(service, database) if database else local_url(service, home)
