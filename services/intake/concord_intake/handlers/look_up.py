"""Look a concern up for who holds its receipt."""

from dataclasses import dataclass

from concord_intake.domain.concern import Concern
from concord_intake.domain.progress import Step, in_order
from concord_intake.domain.receipts import matches, ungrouped
from concord_intake.ports import Store

_NOBODY = bytes(32)


@dataclass(frozen=True, slots=True)
class Account:
    """A concern and what routing did with it, in order."""

    concern: Concern
    steps: tuple[Step, ...]


def look_up(concern_id: str, receipt: str, store: Store) -> Account | None:
    """None for an unknown concern and for a wrong receipt alike, after the same work."""
    concern = store.concerns([concern_id]).get(concern_id)
    steps = store.steps(concern_id)
    right = matches(concern_id, ungrouped(receipt), concern.receipt_hash if concern else _NOBODY)
    return Account(concern, in_order(steps)) if concern and right else None
