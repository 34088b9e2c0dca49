"""Migrates in a child process, so that the service does not keep Alembic's memory."""

import os
import sys

from concord_bus import logging_setup
from concord_bus.domain.errors import DatabaseUnavailable, UnsupportedDatabase

UNAVAILABLE, UNSUPPORTED, FAILED = 75, 78, 1  # 75 and 78: "temporary failure" and "configuration error" of sysexits.h


class MigrationFailed(RuntimeError):
    """A migration failed. Standard error has the class and code places of the child's error.

    Remedy: repair the database or the migration, then start again.
    """


def upgrade_in_subprocess(url: str, package: str) -> None:
    """Run `migrate.upgrade` in a child process. Call it before this process starts threads.

    Raises DatabaseUnavailable, UnsupportedDatabase, MigrationFailed.
    """
    child = os.fork()
    if child == 0:
        os._exit(_upgrade(url, package))
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if code == UNAVAILABLE:
        raise DatabaseUnavailable
    if code == UNSUPPORTED:
        raise UnsupportedDatabase
    if code:
        raise MigrationFailed(f"the migrations of {package} failed")


def _upgrade(url: str, package: str) -> int:
    """Migrate in the child, and return its exit code. The child must never return into the parent's code."""
    try:
        from concord_bus.adapters.sql.migrate import upgrade

        upgrade(url, package)
    except DatabaseUnavailable:
        return UNAVAILABLE
    except UnsupportedDatabase:
        return UNSUPPORTED
    except BaseException as error:
        print(logging_setup.without_text(error), file=sys.stderr, flush=True)
        return FAILED
    return 0
