"""Migrates in a child process, so that the service does not keep Alembic's memory."""

import os

import structlog

from concord_bus import logging_setup
from concord_bus.domain.errors import DatabaseUnavailable, IncompatibleSchema, SchemaNotReady, UnsupportedDatabase

log = structlog.get_logger("concord.migrations")

UNAVAILABLE, UNSUPPORTED, FAILED = 75, 78, 1  # 75 and 78: "temporary failure" and "configuration error" of sysexits.h
INCOMPATIBLE, NOT_READY = 70, 69
SENTENCE_BYTES = 4096
"""The longest sentence of the child: a pipe holds it, so that the child never waits for its reader."""


class MigrationFailed(RuntimeError):
    """A migration failed. Standard error has the class and code places of the child's error.

    Remedy: repair the database or the migration, then start again.
    """


def upgrade_in_subprocess(url: str, package: str, *, wait: bool = False) -> None:
    """Run `migrate.upgrade` in a child process. Call it before this process starts threads.

    Raises DatabaseUnavailable, UnsupportedDatabase, IncompatibleSchema, SchemaNotReady, MigrationFailed.
    """
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os._exit(_upgrade(url, package, wait, writer))
    os.close(writer)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    with open(reader, encoding="utf-8", errors="replace") as pipe:
        sentence = pipe.read()
    if code == INCOMPATIBLE:
        raise IncompatibleSchema(sentence)
    if code == NOT_READY:
        raise SchemaNotReady(sentence)
    if code == UNAVAILABLE:
        raise DatabaseUnavailable
    if code == UNSUPPORTED:
        raise UnsupportedDatabase
    if code:
        raise MigrationFailed(f"the migrations of {package} failed")


def _upgrade(url: str, package: str, wait: bool, writer: int) -> int:
    """Migrate in the child, and return its exit code. The child must never return into the parent's code.

    A sentence about the schema goes into the pipe `writer`.
    """
    try:
        from concord_bus.adapters.sql.migrate import upgrade

        upgrade(url, package, wait=wait)
    except DatabaseUnavailable as away:
        log.warning("the migrations wait", problem=f"the database {away.problem}")
        return UNAVAILABLE
    except UnsupportedDatabase:
        return UNSUPPORTED
    except (IncompatibleSchema, SchemaNotReady) as error:
        os.write(writer, str(error).encode()[:SENTENCE_BYTES])
        return INCOMPATIBLE if isinstance(error, IncompatibleSchema) else NOT_READY
    except BaseException as error:
        log.error("the migrations failed", error=logging_setup.without_text(error))
        return FAILED
    return 0
