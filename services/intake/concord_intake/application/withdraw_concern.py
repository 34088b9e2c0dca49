"""Command: withdraw a concern, for the holder of its receipt. A repeated command has no second effect."""

from concord_bus.ports import Work
from concord_intake.application.concern_status import ConcernStatus, concern_status
from concord_intake.application.errors import ConcernFinished
from concord_intake.domain.feedback import withdrawal_event
from concord_intake.domain.timeline import FINAL_STATUSES, status_of
from concord_intake.ports import Store


def withdraw_concern(concern_id: str, receipt: str, work: Work[Store]) -> ConcernStatus:
    """Withdraw the concern and return its status. Raises ConcernNotFound, ConcernFinished."""
    withdraw_once(concern_status(concern_id, receipt, work.store), work)
    return concern_status(concern_id, receipt, work.store)


def withdraw_once(status: ConcernStatus, work: Work[Store]) -> None:
    """Withdraw the concern unless its reporter has. Raises ConcernFinished."""
    concern_id = status.concern.id
    if work.store.withdrawn_at(concern_id):
        return
    if status_of(status.steps) in FINAL_STATUSES:
        raise ConcernFinished
    if work.store.withdraw(concern_id, work.now):
        sequence = work.store.count_events(concern_id, 1)
        work.publish(withdrawal_event(status.concern, status.steps, sequence, work.now))
