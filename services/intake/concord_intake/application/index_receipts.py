"""Fills the index of receipts: for concerns from before it, and after a new receipt key for all under an older one.

A migration has no keys, so a worker does this while the service runs. Until then a reporter finds an older concern with
its id and its receipt.
"""

from collections.abc import Iterable

from concord_intake.domain.receipt import Receipts
from concord_intake.ports import ReceiptIndex, Store, Transactions

BATCH = 1000
"""Concerns in one transaction. They hold the lock of SQLite for some milliseconds."""
BATCHES_PER_CALL = 5


class IndexReceipts:
    """Derives receipts again, a few thousand in a call. The next call continues where the last one ended."""

    def __init__(self, receipts: Receipts, transactions: Transactions, batch: int = BATCH) -> None:
        self._receipts = receipts
        self._transactions = transactions
        self._batch = batch
        self._after = ""

    def __call__(self) -> None:
        """Fill some batches. Raises ResourceUnavailable."""
        for _ in range(BATCHES_PER_CALL):
            if not self.fill():
                return

    def fill(self) -> bool:
        """Fill one batch; return whether there was one.

        A concern whose key is gone stays without an index. The ids ascend with time, so one look is enough.
        """
        with self._transactions.read() as store:
            found = store.receipts_without_index(self._after, self._batch)
            last = found[-1].concern_id if found else self._after
            found = found or self._under_older_key(store)
        if not found:
            return False
        indexes = {receipt.concern_id: index for receipt, index in self._indexes(found)}
        with self._transactions.work() as work:
            work.store.set_receipt_indexes(indexes)
        self._after = last
        return True

    def _under_older_key(self, store: Store) -> list[ReceiptIndex]:
        return [
            receipt
            for least, greatest in self._receipts.older_indexes()
            for receipt in store.receipts_indexed_between(least, greatest, self._batch)
        ]

    def _indexes(self, found: Iterable[ReceiptIndex]) -> Iterable[tuple[ReceiptIndex, bytes]]:
        for concern in found:
            receipt = self._receipts.reissue(concern.concern_id, concern.receipt_hash)
            if receipt:
                yield concern, self._receipts.index(receipt)
