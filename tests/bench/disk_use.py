"""What a stage keeps on disk: the tables of a service's database, and the stream of all events."""

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import create_engine, text
from stage import Stage

INBOX = "inbox"
SQLITE_TABLES = "SELECT name, tbl_name FROM sqlite_master WHERE type IN ('table', 'index')"
SQLITE_PAGES = "SELECT name, sum(pgsize) FROM dbstat GROUP BY name"
POSTGRES_TABLES = "SELECT relname, pg_total_relation_size(oid) FROM pg_class WHERE relkind = 'r' AND relnamespace = "
POSTGRES_PUBLIC = "'public'::regnamespace"
SESSIONS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"

Bytes = dict[str, int]
"""The name of a table → its bytes on disk, indexes included."""


def tables(url: str) -> Bytes:
    """Of one database, empty pages left out on SQLite."""
    return _of_sqlite(url.removeprefix("sqlite:///")) if url.startswith("sqlite") else _of_postgres(url)


def _of_sqlite(file: str) -> Bytes:
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
        table_of = dict(connection.execute(SQLITE_TABLES).fetchall())
        sizes: Bytes = {}
        for name, size in connection.execute(SQLITE_PAGES):
            table = table_of.get(name, name)
            sizes[table] = sizes.get(table, 0) + size
    return sizes


def _of_postgres(url: str) -> Bytes:
    with create_engine(url).connect() as connection:
        return {name: int(size) for name, size in connection.execute(text(POSTGRES_TABLES + POSTGRES_PUBLIC))}


def sessions(url: str) -> int:
    """Connections to a PostgreSQL database, ours left out."""
    with create_engine(url).connect() as connection:
        return int(connection.execute(text(SESSIONS)).scalar_one())


def stream_bytes(on: Stage) -> int:
    """Of all segments of `concord.log`, with their indexes."""
    files = (Path(on.folder) / "rabbit" / "data").glob("*/stream/*concord_log*/*")
    return sum(file.stat().st_size for file in files)
