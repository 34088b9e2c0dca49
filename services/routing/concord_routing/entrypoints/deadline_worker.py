"""Watchers: green threads of one process that look at what is due, set by set, beside each other."""

from collections.abc import Callable

import eventlet
import structlog

from concord_bus.domain.errors import ResourceUnavailable
from concord_bus.pipeline import place_of

log = structlog.get_logger("concord.routing")

BATCHES_AT_ONCE = 10
"""Of each watcher. Then others have their turn, and a service that is to stop can."""

Examine = Callable[[], bool]
"""One transaction of looking; whether there may be more."""


def watch(examine: Examine, watchers: int) -> None:
    """Look once, and where there may be more go on with so many watchers.

    Raises what a watcher could not handle once all are done: none is interrupted in its transaction by another's error.
    Only the end of the caller's own thread ends them all. A database that is away ends a watcher without an error.
    """
    if not _examined(examine):
        return
    threads = [eventlet.spawn(_watch, examine) for _ in range(watchers)]
    try:
        errors = [error for each in threads if (error := each.wait())]
    finally:
        for each in threads:
            each.kill()
    for error in errors[1:]:
        log.error("a second watcher failed", cause=place_of(error))
    if errors:
        raise errors[0]


def _watch(examine: Examine) -> Exception | None:
    """The error that ended it, which eventlet would print if it were raised."""
    try:
        for _ in range(BATCHES_AT_ONCE):
            eventlet.sleep(0)
            if not _examined(examine):
                break
    except Exception as error:
        return error
    return None


def _examined(examine: Examine) -> bool:
    try:
        return examine()
    except ResourceUnavailable as away:
        log.warning("promises wait", resource=away.resource)
        return False
