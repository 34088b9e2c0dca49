"""Migrations in a process of their own, so that a service does not carry Alembic's memory for the rest of its life."""

import os
import sys

from concord_bus import logging_setup
from concord_bus.domain.errors import DatabaseUnavailable, UnsupportedDatabase

UNAVAILABLE, UNSUPPORTED, FAILED = 75, 78, 1  # 75 and 78: "temporary failure" and "configuration error" of sysexits.h


class MigrationFailed(RuntimeError):
    """Standard error says where in the child, by class and place: a database's own text may quote a row.

    Remedy: mend the database or the migration, start again.
    """


def upgrade_in_subprocess(url: str, package: str) -> None:
    """See `migrate.upgrade`; call it before the process has threads.

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
    """In the child; its exit code. Whatever happens, it must not return into the parent's program."""
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
