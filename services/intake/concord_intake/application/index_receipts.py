"""Fills the index of receipts: for concerns from before it, and after a new receipt key for all under an older one.

A migration has no keys, so a worker does this while the service runs. Until then a reporter finds an older concern with
its id and its receipt.
"""

from collections.abc import Iterable, Sequence

from concord_intake.domain.receipt import Receipts
from concord_intake.ports import ReceiptIndex, Store, Transactions

BATCH = 1000
"""Concerns in one transaction. They hold the lock of SQLite for some milliseconds."""
BATCHES_PER_CALL = 5

Range = tuple[bytes, bytes]
"""The least and the greatest index of some receipts."""


class IndexReceipts:
    """Derives receipts again, a few thousand in a call. The next call continues where the last one ended."""

    def __init__(self, receipts: Receipts, transactions: Transactions, batch: int = BATCH) -> None:
        self._receipts = receipts
        self._transactions = transactions
        self._batch = batch
        self._after = ""
        self._older: list[Range] = []

    def __call__(self) -> None:
        """Fill some batches. Raises ResourceUnavailable."""
        for _ in range(BATCHES_PER_CALL):
            if not self.fill():
                return

    def fill(self) -> bool:
        """Fill one batch; return whether there was one.

        A concern whose key is gone stays as it is: each look continues behind it. The ids ascend with time, so one look
        at the concerns without an index is enough. Those under an older key are looked at again after the last one,
        because a process with the older keys may still add some.
        """
        with self._transactions.read() as store:
            found, after = store.receipts_without_index(self._after, self._batch), self._after
            older: list[Range] = self._older
            if found:
                after = found[-1].concern_id
            else:
                found, older = self._under_older_key(store)
        if found:
            indexes = {receipt.concern_id: index for receipt, index in self._indexes(found)}
            with self._transactions.work() as work:
                work.store.set_receipt_indexes(indexes)
        self._after, self._older = after, older
        return bool(found)

    def _under_older_key(self, store: Store) -> tuple[Sequence[ReceiptIndex], list[Range]]:
        """Return the next concerns under an older key, and the ranges of indexes behind them."""
        ranges = self._older or self._receipts.older_indexes()
        for place, (least, greatest) in enumerate(ranges):
            found = store.receipts_indexed_between(least, greatest, self._batch)
            if found and found[-1].index is not None:
                behind = found[-1].index + b"\0"
                return found, [(behind, greatest), *ranges[place + 1 :]]
        return (), []

    def _indexes(self, found: Iterable[ReceiptIndex]) -> Iterable[tuple[ReceiptIndex, bytes]]:
        for concern in found:
            receipt = self._receipts.reissue(concern.concern_id, concern.receipt_hash)
            if receipt:
                yield concern, self._receipts.index(receipt)
