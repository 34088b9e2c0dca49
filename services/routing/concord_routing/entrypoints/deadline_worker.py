"""The deadline worker: green threads of one process that check deadlines in batches."""

from collections.abc import Callable

import eventlet
import structlog

from concord_bus.domain.error_location import error_location
from concord_bus.domain.errors import ResourceUnavailable

log = structlog.get_logger("concord.routing")

MAX_BATCHES = 10
"""Batches of each thread in one run. Then others have their turn, and a service can stop."""

Check = Callable[[], bool]
"""Checks one batch in one transaction; returns whether there may be more."""


def check_until_done(check: Check, workers: int) -> None:
    """Check one batch, and if there may be more, go on with `workers` green threads.

    Raises an error of a worker after all of them have ended, so that an error interrupts no transaction of another
    worker. The end of the caller's own thread ends them all. A database that is unavailable ends a worker without an
    error.
    """
    if not _checked(check):
        return
    threads = [eventlet.spawn(_work, check) for _ in range(workers)]
    try:
        errors = [error for thread in threads if (error := thread.wait())]
    finally:
        for thread in threads:
            thread.kill()
    for error in errors[1:]:
        log.error("a second deadline worker failed", cause=error_location(error))
    if errors:
        raise errors[0]


def _work(check: Check) -> Exception | None:
    """Returns its error, because eventlet prints an error that a thread raises."""
    try:
        for _ in range(MAX_BATCHES):
            eventlet.sleep(0)
            if not _checked(check):
                break
    except Exception as error:
        return error
    return None


def _checked(check: Check) -> bool:
    try:
        return check()
    except ResourceUnavailable as error:
        log.warning("deadline checks wait", resource=error.resource)
        return False
