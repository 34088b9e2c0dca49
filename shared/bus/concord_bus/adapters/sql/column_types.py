"""Column types with the same meaning on SQLite and PostgreSQL."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import orjson
from sqlalchemy import DateTime, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

FULL_LENGTH = len("2026-01-31T12:00:00.000001Z")


class UtcDateTime(TypeDecorator[datetime]):
    """An aware time, stored in UTC. Raises ValueError for a naive one, whose time zone is unknown."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], Any] | None:
        """Return the conversion to SQLite's text, faster than SQLAlchemy's own two steps."""
        return _sqlite_text if dialect.name == "sqlite" else super().bind_processor(dialect)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], datetime | None] | None:
        """Return the conversion back."""
        return _from_sqlite_text if dialect.name == "sqlite" else _in_utc

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Convert for PostgreSQL, which stores times as such."""
        return None if value is None else _to_utc(value)


def sqlite_texts(moments: Sequence[datetime | None]) -> list[str | None]:
    """Return the texts that SQLite stores, for many times at once: orjson writes them five times as fast as
    `isoformat`.

    orjson omits zero microseconds. SQLite compares texts, so every text needs them.
    """
    in_utc = [moment if moment is None or moment.tzinfo is UTC else _to_utc(moment) for moment in moments]
    written = orjson.loads(orjson.dumps(in_utc, option=orjson.OPT_UTC_Z).replace(b"T", b" "))
    return [text and (text[:-1] if len(text) == FULL_LENGTH else f"{text[:-1]}.000000") for text in written]


def _sqlite_text(value: datetime | None) -> str | None:
    return sqlite_texts((value,))[0]


def _to_utc(moment: datetime) -> datetime:
    """Convert to UTC. Raises ValueError for a naive time."""
    if moment.tzinfo is None:
        raise ValueError("a time needs a time zone")
    return moment.astimezone(UTC)


def _from_sqlite_text(value: str | None) -> datetime | None:
    """Parse the offset together with the rest: to replace it afterwards takes seven times as long."""
    return None if value is None else datetime.fromisoformat(value + "+00:00")


def _in_utc(value: datetime | None) -> datetime | None:
    """Convert from the time zone of the PostgreSQL session."""
    return value if value is None or value.tzinfo is UTC else value.astimezone(UTC)


class EnumText(TypeDecorator[StrEnum]):
    """A member of a StrEnum, stored as its text."""

    impl = Text
    cache_ok = True

    def __init__(self, kind: type[StrEnum]) -> None:
        super().__init__()
        self.kind = kind

    def process_result_value(self, value: str | None, dialect: Dialect) -> StrEnum | None:
        """Return the member with this text."""
        return None if value is None else self.kind(value)
