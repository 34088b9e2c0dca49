"""Contract between `concord replay` and a service that can rebuild its data from the stream of public events.

Such a service has a function `rebuild` of the type `Rebuild` in `concord_NAME.entrypoints.rebuild`. The command loads
it by that name at run time, as `concord serve` loads `build`: an install from source has no entry-point metadata.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from concord_bus.settings import BrokerAddress


class RebuildError(Exception):
    """The live data stays as it is. The text gives the cause and the remedy."""


@dataclass(frozen=True, slots=True)
class RebuildRequest:
    """Options of one rebuild.

    `start` is `first` (of the stream) or a time. `workers` is the number of processes that read. `allow_fewer` allows a
    switch to fewer records or without missing events. `restart` discards an unfinished rebuild. The audit records
    `actor`.
    """

    database_url: str
    broker: BrokerAddress
    start: str | datetime
    workers: int
    allow_fewer: bool
    restart: bool
    actor: str


@dataclass(frozen=True, slots=True)
class RebuildResult:
    """Events read, messages skipped because no service accepts them, and concerns after and before the switch.

    `missing` is the number of events that the service had handled and the stream did not hold.
    """

    events: int
    skipped: int
    concerns: int
    before: int
    missing: int


Progress = Callable[[int, int], None]
"""Receives the number of messages read since its last call, and the number of all."""

Rebuild = Callable[[RebuildRequest, Progress], RebuildResult]
"""Rebuilds and switches over. Raises RebuildError, DatabaseUnavailable, amqp.NotFound, or a lost connection's error.

After any error or Ctrl-C the live data stays; a note on the exception says if the next rebuild needs `restart`.
"""
