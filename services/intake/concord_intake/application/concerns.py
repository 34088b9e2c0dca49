"""The use cases of single concerns, each in a transaction of its own."""

from collections.abc import Callable

from concord_bus.ports import Clock, utc_now
from concord_intake.application.concern_status import ConcernStatus, concern_status
from concord_intake.application.errors import IdempotencyKeyReused
from concord_intake.application.submit_concern import KEY_LIFETIME, Accepted, IdempotencyKey, Outcome, SubmitConcern
from concord_intake.application.withdraw_concern import withdraw_concern
from concord_intake.domain.concern import Submission
from concord_intake.ports import Counts, ReceiptTaken, Transactions

MAX_KEYS_PER_SWEEP = 5000


class Concerns:
    """Creates concerns, and returns or withdraws them for the holder of the receipt.

    `submit` runs a command in a transaction and returns its outcome after the commit.
    """

    def __init__(
        self, submit: Callable[[SubmitConcern], Outcome], transactions: Transactions, clock: Clock = utc_now
    ) -> None:
        self._submit = submit
        self._transactions = transactions
        self._clock = clock

    def submit(self, submission: Submission, key: IdempotencyKey | None = None) -> Accepted:
        """Create a concern and return after the commit. Raises IdempotencyKeyReused, ResourceUnavailable."""
        try:
            outcome = self._submit(SubmitConcern(submission, key))
        except ReceiptTaken:  # another id has another receipt; two clashes in a row do not happen
            outcome = self._submit(SubmitConcern(submission, key))
        if isinstance(outcome, IdempotencyKeyReused):
            raise outcome
        assert isinstance(outcome, Accepted), "only a line can come again"
        return outcome

    def status(self, concern_id: str, receipt: str) -> ConcernStatus:
        """Raises ConcernNotFound unless the receipt is the concern's receipt."""
        with self._transactions.read() as store:
            return concern_status(concern_id, receipt, store)

    def withdraw(self, concern_id: str, receipt: str) -> ConcernStatus:
        """Withdraw the concern and return its status. Raises ConcernNotFound like `status`, ConcernFinished."""
        with self._transactions.work() as work:
            return withdraw_concern(concern_id, receipt, work)

    def counts(self) -> Counts:
        """Return the counts for the ledger."""
        with self._transactions.read() as store:
            return store.counts()

    def forget_keys(self) -> int:
        """Delete idempotency keys past their lifetime; return their number."""
        with self._transactions.work() as work:
            return work.store.forget_keys(self._clock() - KEY_LIFETIME, MAX_KEYS_PER_SWEEP)
