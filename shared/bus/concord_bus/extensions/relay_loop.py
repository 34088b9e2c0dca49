"""The green thread that moves the outbox to the broker."""

from time import monotonic

import structlog
from eventlet.green import time as green_time

from concord_bus.adapters.amqp.connection import LOST, lost_reason
from concord_bus.adapters.amqp.log_marker import MarkerRefused, NoConfirm
from concord_bus.adapters.amqp.publisher import ConfirmingPublisher
from concord_bus.adapters.sql.outbox_lease import LeasedOutbox
from concord_bus.backoff import Backoff
from concord_bus.domain.error_location import error_location
from concord_bus.domain.errors import ResourceUnavailable
from concord_bus.domain.held_messages import HeldMessages, notice_changes
from concord_bus.domain.outage import Outage
from concord_bus.extensions.outage_log import log_end
from concord_bus.health import SILENT_SECONDS
from concord_bus.log_gate import MarkerOutcome, await_log
from concord_bus.relay import LogMissing, Relay
from concord_bus.runtime import BusRuntime

log = structlog.get_logger("concord.relay")

POLL_SECONDS = 0.2
RECONNECT_SECONDS = 5.0
"""The longest pause in seconds between two connections."""
STEADY_SECONDS = 10.0
"""A connection that lasted this long was no failure: the pauses begin again with the shortest."""
RESCAN_SECONDS = 1.0
CONFIRM_WAIT_SECONDS = 0.02
STANDBY_SECONDS = 1.0
FLUSH_SECONDS = 2.0
PAUSE_SECONDS = 0.05
LOG_AWAY = "waits for the log of public events: the broker does not have it yet"
BLOCKED = "is blocked by the broker (memory or disk alarm)"
SILENT = "gets no answer from the broker"


class RelayLoop:
    """Holds the lease of the outbox, keeps a publishing connection, and relays until `stop`."""

    def __init__(self, runtime: BusRuntime) -> None:
        self._runtime = runtime
        self._state = runtime.relay_state
        self._wake = runtime.outbox_filled
        self._outbox = LeasedOutbox(runtime.database)
        self._backoff = Backoff(longest=RECONNECT_SECONDS)
        self._outage = Outage()
        self._held = HeldMessages()
        self._said: list[str] = []
        self._stop_at: float | None = None

    def stop(self) -> None:
        """Publish the remaining rows for at most FLUSH_SECONDS, then end."""
        self._stop_at = monotonic() + FLUSH_SECONDS
        self._wake.set()

    def run(self) -> None:
        """Run until `stop`. Every failure ends in another attempt after a growing wait."""
        while self._stop_at is None:
            try:
                self._serve()
            except ResourceUnavailable:
                self._failed("waits for the database")
            except MarkerRefused as error:
                about = error.refusal
                self._failed(f"waits for the log of public events: {about.words}: {about.remedy}")
            except LogMissing:
                self._failed(LOG_AWAY)
            except NoConfirm as error:
                self._failed(str(error))
            except LOST as error:
                self._failed(f"has no connection to the broker ({lost_reason(error, self._runtime.settings.broker)})")
            except Exception as error:  # the edge: this green thread must continue
                self._failed(f"met an unexpected {error_location(error)}")
        self._outbox.release()

    def _failed(self, problem: str) -> None:
        self._state.down(problem)
        self._outage.begin(monotonic())
        self._outbox.release()
        wait = self._backoff.seconds()
        log.warning("relay interrupted", problem=problem, retry_in=round(wait, 1))
        self._pause(wait)

    def _serve(self) -> None:
        if not self._outbox.acquire():
            self._held.clear()
            self._said = []  # the process that relays now logs what passes
            self._say()
            self._outage.end(monotonic())
            self._state.up()  # a normal state: another process relays
            self._pause(STANDBY_SECONDS)
            return
        publisher = ConfirmingPublisher(self._runtime.settings.broker, f"{self._runtime.service} relay")
        connected_at = monotonic()
        try:
            if self._await_log(publisher):
                self._state.up()
                log_end(log, self._outage, "relay")
                self._relay(publisher)
        except BaseException:
            publisher.abort()
            if monotonic() - connected_at > STEADY_SECONDS:
                self._backoff.reset()
            raise
        publisher.close()

    def _await_log(self, publisher: ConfirmingPublisher) -> bool:
        """Wait until the log of public events takes messages. Returns False when the service stops first."""

        def waiting(outcome: MarkerOutcome) -> None:
            if self._state.problem != LOG_AWAY:
                log.warning("the log of public events is not there yet", marker=outcome.value)
            self._state.down(LOG_AWAY)

        sender = self._runtime.service
        return await_log(lambda: publisher.send_marker(sender), waiting, self._pause, lambda: self._stop_at is not None)

    def _relay(self, publisher: ConfirmingPublisher) -> None:
        relay = Relay(self._outbox, publisher, self._runtime.instruments, held=self._held)
        poll_at = rescan_at = 0.0
        while not self._finished(relay, publisher):
            self._watch(publisher)
            if self._wake.is_set() or monotonic() >= poll_at:
                self._wake.clear()
                from_start = relay.idle or monotonic() >= rescan_at
                relay.rescan(from_start=from_start)
                poll_at = monotonic() + POLL_SECONDS
                rescan_at = monotonic() + RESCAN_SECONDS if from_start else rescan_at
            if not publisher.blocked:
                relay.fill()
            if relay.idle:
                relay.process_confirms(0)
                self._rest(POLL_SECONDS)
            else:
                relay.process_confirms(CONFIRM_WAIT_SECONDS)

    def _say(self) -> None:
        """Log a refusal when it begins and when it is over, and show all of them in the readiness."""
        notices = self._held.notices() if self._held else []
        begun, over = notice_changes(self._said, notices)
        for notice in begun:
            log.error("message refused", broker=notice)
        for notice in over:
            log.info("message no longer refused", broker=notice)
        self._said = notices
        self._state.warnings = tuple(f"the broker {notice}" for notice in notices)

    def _watch(self, publisher: ConfirmingPublisher) -> None:
        if self._held or self._said:
            self._say()
        if publisher.blocked:
            self._waits(BLOCKED)
        elif publisher.silent_seconds > SILENT_SECONDS:
            self._waits(SILENT)
        elif self._state.problem:
            log.info("relay goes on", after=self._state.problem)
            self._state.up()

    def _waits(self, problem: str) -> None:
        if self._state.problem != problem:
            log.warning("relay waits", problem=problem)
        self._state.down(problem)

    def _finished(self, relay: Relay, publisher: ConfirmingPublisher) -> bool:
        """Return whether the loop is to stop and nothing more can be sent."""
        if self._stop_at is None:
            return False
        relay.rescan()
        return publisher.blocked or monotonic() > self._stop_at or (relay.idle and relay.fill() == 0)

    def _rest(self, seconds: float) -> None:
        """Wait for new rows, at most `seconds`."""
        if self._stop_at is None:
            self._wake.wait(seconds)

    def _pause(self, seconds: float) -> None:
        """Wait for all of `seconds`, whether or not there are new rows. Ends early when the service stops."""
        until = monotonic() + seconds
        while self._stop_at is None and monotonic() < until:
            green_time.sleep(PAUSE_SECONDS)
