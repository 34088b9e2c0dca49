"""Query: the status of a concern, for the holder of its receipt."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from concord_intake.application.errors import ConcernNotFound
from concord_intake.domain.concern import Concern
from concord_intake.domain.receipt import matches, ungrouped
from concord_intake.domain.timeline import OfficerMessage, Step, in_order, with_withdrawal
from concord_intake.ports import Store

_NO_HASH = bytes(32)


@dataclass(frozen=True, slots=True)
class ConcernStatus:
    """A concern with its steps in order, and the officer messages by the sequence of their step."""

    concern: Concern
    steps: tuple[Step, ...]
    officer_messages: Mapping[int, OfficerMessage] = field(default_factory=dict)


def concern_status(concern_id: str, receipt: str, store: Store) -> ConcernStatus:
    """Return the status. Raises ConcernNotFound for an unknown concern and for a wrong receipt, after the same work."""
    concern = store.concerns([concern_id]).get(concern_id)
    steps = with_withdrawal(in_order(store.steps(concern_id)), concern_id, store.withdrawn_at(concern_id))
    messages = {message.sequence: message for message in store.officer_messages(concern_id)}
    is_holder = matches(concern_id, ungrouped(receipt), concern.receipt_hash if concern else _NO_HASH)
    if concern is None or not is_holder:
        raise ConcernNotFound
    return ConcernStatus(concern, steps, messages)
