"""Take a concern back, for who holds its receipt; once, however often it is asked for."""

from concord_bus.ports import Work
from concord_intake.application.concern_status import Account, look_up
from concord_intake.domain.feedback import tell_withdrawal
from concord_intake.domain.timeline import OVER, status_of
from concord_intake.ports import Store


class TooLate(Exception):
    """Nothing is being done any more that could be taken back."""


def withdraw(concern_id: str, receipt: str, work: Work[Store]) -> Account | None:
    """What became of the concern now; None for an unknown concern and for a wrong receipt alike. Raises TooLate."""
    account = look_up(concern_id, receipt, work.store)
    if account is None or work.store.withdrawn_at(concern_id):
        return account
    if status_of(account.steps) in OVER:
        raise TooLate
    if work.store.withdraw(concern_id, work.now):
        sequence = work.store.count_events(concern_id, 1)
        work.publish(tell_withdrawal(account.concern, account.steps, sequence, work.now))
    return look_up(concern_id, receipt, work.store)
