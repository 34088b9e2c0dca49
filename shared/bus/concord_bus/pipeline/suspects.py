"""Takes redelivered messages: one of them may have ended the process, so a note of each comes first."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from concord_bus.domain.delivery import Delivery
from concord_bus.domain.retry import RetryPolicy
from concord_bus.domain.suspicion import Suspect, crashes_alone, largest_group, noted, suspect, suspect_groups
from concord_bus.metrics import Instruments
from concord_bus.pipeline.batches import Batches
from concord_bus.pipeline.failures import FailureRecords
from concord_bus.pipeline.message_reader import MessageReader
from concord_bus.ports import BusDatabase
from concord_contracts import BadMessage


@dataclass(eq=False)
class Suspects:
    """Takes redelivered messages in groups (see `domain.suspicion`), and parks the deadly ones.

    `windows` has the largest safe group of each queue, from the redelivered messages of the last `take`.
    `_noted` has the notes by fingerprint from before this process, which is alive, added its own.
    """

    database: BusDatabase
    reader: MessageReader
    batches: Batches
    failures: FailureRecords
    policy: RetryPolicy
    instruments: Instruments
    windows: Mapping[str, int] = field(default_factory=dict, init=False)
    _noted: dict[str, int] = field(default_factory=dict, init=False)

    def take(self, deliveries: Sequence[Delivery]) -> None:
        """Take redelivered messages. Raises ResourceUnavailable."""
        self.windows = {}
        suspects = [suspect(delivery) for delivery in deliveries]
        if not suspects:
            return
        before, parked = self._look_up(suspects)
        self.windows = _windows(suspects, before)
        self.instruments.duplicates.inc(sum(one.fingerprint in parked for one in suspects))
        for group in suspect_groups((one for one in suspects if one.fingerprint not in parked), before):
            self._take_group(group, before)

    def _look_up(self, suspects: Iterable[Suspect]) -> tuple[dict[str, int], set[str]]:
        """Return the notes from before this process, and the parked messages: these only lack an ack."""
        fingerprints = {one.fingerprint for one in suspects}
        with self.database.begin() as (tx, _):
            return {**tx.suspect_notes(fingerprints), **self._noted}, tx.still_parked(fingerprints)

    def _take_group(self, group: Sequence[Suspect], before: Mapping[str, int]) -> None:
        fingerprints = {one.fingerprint for one in group}
        self._note(fingerprints, before)
        if len(fingerprints) == 1 and self._is_settled(group[0], before.get(group[0].fingerprint, 0)):
            return
        cleared: set[str] = set()
        try:
            cleared = self.batches.take([one.delivery for one in group])
        finally:
            self._forget(cleared)
            self._clear(fingerprints & self._noted.keys())

    def _note(self, fingerprints: set[str], before: Mapping[str, int]) -> None:
        """Commit a note on each message of a group, in case the process does not survive it."""
        unnoted = fingerprints - self._noted.keys()
        if not unnoted:
            return
        notes = {fingerprint: before.get(fingerprint, 0) for fingerprint in unnoted}
        with self.database.begin() as (tx, _):
            tx.note_suspects({key: noted(count, len(fingerprints)) for key, count in notes.items()})
        self._noted |= notes

    def _is_settled(self, one: Suspect, notes: int) -> bool:
        """Settle a deadly message: the inbox knows it, or the parking lot takes it. Returns False for another."""
        crashes = crashes_alone(notes)
        if not self.policy.is_deadly(crashes):
            return False
        reading_is_deadly = self.policy.is_deadly(crashes - 1)  # it ended the process that read it here
        if not reading_is_deadly and self._took_effect(one.delivery):
            self.instruments.duplicates.inc(1)
            self._clear({one.fingerprint})
            return True
        reason = f"the process ended {crashes} times while handling it"
        with self.database.begin() as (tx, _):
            tx.park(one.delivery, reason, crashes, None)
            tx.clear_suspects([one.fingerprint])
        self._forget({one.fingerprint})
        self.failures.report_parked(one.delivery, reason, crashes)
        return True

    def _took_effect(self, delivery: Delivery) -> bool:
        """Return whether the inbox knows the message: then the process ended before its acknowledgement."""
        try:
            event = self.reader.read_one(delivery).event
        except BadMessage:
            return False
        with self.database.begin() as (tx, _):
            return bool(tx.known([event.id]))

    def _clear(self, fingerprints: set[str]) -> None:
        if fingerprints:
            with self.database.begin() as (tx, _):
                tx.clear_suspects(fingerprints)
            self._forget(fingerprints)

    def _forget(self, fingerprints: set[str]) -> None:
        for fingerprint in fingerprints:
            self._noted.pop(fingerprint, None)


def _windows(suspects: Iterable[Suspect], notes: Mapping[str, int]) -> dict[str, int]:
    windows: dict[str, int] = {}
    for one in suspects:
        size = largest_group(notes.get(one.fingerprint, 0))
        windows[one.delivery.queue] = min(size, windows.get(one.delivery.queue, size))
    return windows
