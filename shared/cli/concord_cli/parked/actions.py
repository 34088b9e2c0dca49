"""Replaying and dropping: each message's change, the note of who made it and why, and the audit, in one transaction."""

import os
import pwd
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from concord_access.audit import AuditLog, Entry
from concord_bus.domain.parked_messages import OperatorAction, ParkedFilter, outlook, subject_of
from concord_bus.domain.stored_messages import Parked
from concord_bus.pipeline import LARGEST_BODY
from concord_bus.ports import Parking
from concord_bus.runtime import INBOX_SECONDS
from concord_cli.common.audit_actor import actor
from concord_cli.common.service_database import Store

CHUNK = 200
"""Messages in one transaction: the service waits for its turn meanwhile."""
DONE = {"replayed": "parked.replayed", "dropped": "parked.dropped"}
"""What the audit calls a result that is a change."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one message: replayed, dropped or refused, and why it was refused or had to be forced."""

    id: int
    result: str
    why: str | None = None
    forced: bool = False

    @property
    def done(self) -> bool:
        return self.result in DONE


@dataclass(frozen=True, slots=True)
class Operator:
    """Who acts, why, and when (seconds since the epoch, UTC)."""

    actor: str
    why: str
    now: float

    def action(self, name: str, parked_id: int) -> OperatorAction:
        return OperatorAction(self.now, self.actor, name, subject_of(parked_id), self.why)

    def entry(self, outcome: Outcome) -> Entry:
        """Of a change: the account's number and the message's, no words. `forced` is against what is known of it."""
        at = datetime.fromtimestamp(self.now, UTC)
        details = {"forced": True} if outcome.forced else {}
        return Entry(at, actor(), DONE[outcome.result], f"parked:{outcome.id}", details)


def os_user() -> str:
    """The account that runs the command, and who became that account by sudo."""
    try:
        name = pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        name = f"uid {os.getuid()}"
    before = os.environ.get("SUDO_USER")
    return f"{before} as {name}" if before and before != name else name


def obstacle(row: Parked, now: float) -> str | None:
    """Why replaying it would be in vain or could have a second effect; None when nothing speaks against it."""
    if now - row.parked_at > INBOX_SECONDS:
        days = round(INBOX_SECONDS / 86400)
        return f"parked over {days} days ago: the inbox may have forgotten its event, and it could take effect twice"
    return outlook(row.delivery, LARGEST_BODY).obstacle


def replay_one(tx: Parking, parked_id: int, operator: Operator, force: bool) -> Outcome:
    """Hand a message back to the service, due now."""
    row = tx.parked_message(parked_id)
    if row is None or row.status != "parked":
        return _not_parked(parked_id, row)
    against = obstacle(row, operator.now)
    if against and not force:
        return Outcome(parked_id, "refused", f"{against} (--force replays it all the same)")
    key = outlook(row.delivery, LARGEST_BODY).partition_key or row.partition_key or subject_of(parked_id)
    if not tx.replay_parked(parked_id, key, operator.now):
        return Outcome(parked_id, "refused", "somebody else was quicker")
    tx.note_action(operator.action("replay by force" if against else "replay", parked_id))
    return Outcome(parked_id, "replayed", forced=bool(against))


def drop_one(tx: Parking, parked_id: int, operator: Operator) -> Outcome:
    """Nobody need look at it any more."""
    if not tx.drop_parked(parked_id):
        return _not_parked(parked_id, tx.parked_message(parked_id))
    tx.note_action(operator.action("drop", parked_id))
    return Outcome(parked_id, "dropped")


def each_of(
    store: Store, ids: Sequence[int], act: Callable[[Parking, int], Outcome], operator: Operator
) -> Iterator[list[Outcome]]:
    """Outcomes, chunk by chunk, each chunk committed before it is given. Raises DatabaseAway."""
    for start in range(0, len(ids), CHUNK):
        yield store.write(partial(_act_on, ids[start : start + CHUNK], act, operator))


def all_ids(store: Store, wanted: ParkedFilter) -> list[int]:
    """Ids of all that are meant, oldest first, so that the messages of one concern keep their order."""
    ids: list[int] = []
    while page := store.read(lambda tx: [each.id for each in tx.find_parked(wanted, CHUNK, ids[-1] if ids else None)]):
        ids.extend(page)
    return ids[::-1]


def _act_on(
    ids: Sequence[int], act: Callable[[Parking, int], Outcome], operator: Operator, tx: Parking, audit: AuditLog
) -> list[Outcome]:
    """The audit comes last: others who append to it wait until this transaction ends."""
    outcomes = [act(tx, each) for each in ids]
    for each in outcomes:
        if each.done:
            audit.append(operator.entry(each))
    return outcomes


def _not_parked(parked_id: int, row: Parked | None) -> Outcome:
    return Outcome(parked_id, "refused", f"it was {row.status} already" if row else "there is no such message")
