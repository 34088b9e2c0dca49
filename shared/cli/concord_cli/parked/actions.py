"""Replay and drop of parked messages: change, history and audit of each message in one transaction."""

import os
import pwd
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from concord_access.audit import AuditLog, Entry
from concord_bus.domain.parked_messages import OperatorAction, ParkedFilter, assess_replay, subject_of
from concord_bus.domain.stored_messages import Parked
from concord_bus.pipeline.message_reader import MAX_BODY_BYTES
from concord_bus.ports import Parking
from concord_bus.runtime import INBOX_SECONDS
from concord_cli.common.audit_actor import actor
from concord_cli.common.service_database import Store

CHUNK = 200
"""Messages in one transaction, during which the service waits for its turn."""
AUDIT_ACTIONS = {"replayed": "parked.replayed", "dropped": "parked.dropped"}
"""Names of the changes in the audit, by result."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Result for one message: replayed, dropped or refused. `why` is the reason of a refusal."""

    id: int
    result: str
    why: str | None = None
    forced: bool = False

    @property
    def done(self) -> bool:
        return self.result in AUDIT_ACTIONS


@dataclass(frozen=True, slots=True)
class Operator:
    """The acting account, its reason, and the time in seconds since the epoch (UTC)."""

    actor: str
    why: str
    now: float

    def action(self, name: str, parked_id: int) -> OperatorAction:
        return OperatorAction(self.now, self.actor, name, subject_of(parked_id), self.why)

    def entry(self, outcome: Outcome) -> Entry:
        """Return the audit entry of a change. It holds numbers, no texts; `forced` marks a replay with --force."""
        at = datetime.fromtimestamp(self.now, UTC)
        details = {"forced": True} if outcome.forced else {}
        return Entry(at, actor(), AUDIT_ACTIONS[outcome.result], f"parked:{outcome.id}", details)


def os_user() -> str:
    """Return the account that runs the command, with the account before sudo."""
    try:
        name = pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        name = f"uid {os.getuid()}"
    sudo_user = os.environ.get("SUDO_USER")
    return f"{sudo_user} as {name}" if sudo_user and sudo_user != name else name


def obstacle(row: Parked, now: float) -> str | None:
    """Return the reason why a replay would fail or could have a second effect, None if there is no such reason."""
    if now - row.parked_at > INBOX_SECONDS:
        days = round(INBOX_SECONDS / 86400)
        return f"parked over {days} days ago: the inbox may have forgotten its event, and it could take effect twice"
    return assess_replay(row.delivery, MAX_BODY_BYTES).obstacle


def replay_one(tx: Parking, parked_id: int, operator: Operator, force: bool) -> Outcome:
    """Return a message to the service, due now."""
    row = tx.parked_message(parked_id)
    if row is None or row.status != "parked":
        return _not_parked(parked_id, row)
    reason = obstacle(row, operator.now)
    if reason and not force:
        return Outcome(parked_id, "refused", f"{reason} (use --force to replay it anyway)")
    key = assess_replay(row.delivery, MAX_BODY_BYTES).partition_key or row.partition_key or subject_of(parked_id)
    if not tx.replay_parked(parked_id, key, operator.now):
        return Outcome(parked_id, "refused", "another operator replayed or dropped it first")
    tx.note_action(operator.action("replay by force" if reason else "replay", parked_id))
    return Outcome(parked_id, "replayed", forced=bool(reason))


def drop_one(tx: Parking, parked_id: int, operator: Operator) -> Outcome:
    """Take a message off the list."""
    if not tx.drop_parked(parked_id):
        return _not_parked(parked_id, tx.parked_message(parked_id))
    tx.note_action(operator.action("drop", parked_id))
    return Outcome(parked_id, "dropped")


def apply_in_chunks(
    store: Store, ids: Sequence[int], action: Callable[[Parking, int], Outcome], operator: Operator
) -> Iterator[list[Outcome]]:
    """Yield outcomes chunk by chunk, after the commit of each. Raises ClickException without the database."""
    for start in range(0, len(ids), CHUNK):
        yield store.write(partial(_apply_chunk, ids[start : start + CHUNK], action, operator))


def all_ids(store: Store, wanted: ParkedFilter) -> list[int]:
    """Return the ids of all matching messages, oldest first, so that the messages of one concern keep their order."""
    ids: list[int] = []
    while page := store.read(lambda tx: [row.id for row in tx.find_parked(wanted, CHUNK, ids[-1] if ids else None)]):
        ids.extend(page)
    return ids[::-1]


def _apply_chunk(
    ids: Sequence[int], action: Callable[[Parking, int], Outcome], operator: Operator, tx: Parking, audit: AuditLog
) -> list[Outcome]:
    """Apply the action, then append to the audit: other writers of the audit wait until this transaction ends."""
    outcomes = [action(tx, parked_id) for parked_id in ids]
    for outcome in outcomes:
        if outcome.done:
            audit.append(operator.entry(outcome))
    return outcomes


def _not_parked(parked_id: int, row: Parked | None) -> Outcome:
    return Outcome(parked_id, "refused", f"it was already {row.status}" if row else "no such message")
