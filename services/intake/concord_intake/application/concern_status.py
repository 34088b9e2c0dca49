"""Look a concern up for who holds its receipt."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from concord_intake.domain.concern import Concern
from concord_intake.domain.receipt import matches, ungrouped
from concord_intake.domain.timeline import Step, Word, in_order, with_withdrawal
from concord_intake.ports import Store

_NOBODY = bytes(32)


@dataclass(frozen=True, slots=True)
class Account:
    """A concern, what was done with it, in order, and what officers wrote about each step, by its sequence."""

    concern: Concern
    steps: tuple[Step, ...]
    words: Mapping[int, Word] = field(default_factory=dict)


def look_up(concern_id: str, receipt: str, store: Store) -> Account | None:
    """None for an unknown concern and for a wrong receipt alike, after the same work."""
    concern = store.concerns([concern_id]).get(concern_id)
    steps = with_withdrawal(in_order(store.steps(concern_id)), concern_id, store.withdrawn_at(concern_id))
    words = {each.sequence: each for each in store.words(concern_id)}
    right = matches(concern_id, ungrouped(receipt), concern.receipt_hash if concern else _NOBODY)
    return Account(concern, steps, words) if concern and right else None
