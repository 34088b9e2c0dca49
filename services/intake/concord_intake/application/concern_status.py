"""Query: the status of a concern, for the holder of its receipt."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from concord_intake.application.errors import ConcernNotFound
from concord_intake.domain.concern import Concern
from concord_intake.domain.receipt import matches, ungrouped
from concord_intake.domain.timeline import OfficerMessage, Step, in_order, with_reporter_step
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
    steps = steps_of(concern_id, store)
    messages = _officer_messages(concern_id, store)
    is_holder = matches(concern_id, ungrouped(receipt), concern.receipt_hash if concern else _NO_HASH)
    if concern is None or not is_holder:
        raise ConcernNotFound
    return ConcernStatus(concern, steps, messages)


def status_for_holder(concern: Concern, store: Store) -> ConcernStatus:
    """Return the status of a concern whose holder has shown a receipt or a link."""
    return ConcernStatus(concern, steps_of(concern.id, store), _officer_messages(concern.id, store))


def steps_of(concern_id: str, store: Store) -> tuple[Step, ...]:
    """Return the steps in order, with the reporter's withdrawal and answers among them."""
    steps = in_order(store.steps(concern_id))
    withdrawn_at = store.withdrawn_at(concern_id)
    if withdrawn_at is not None:
        steps = with_reporter_step(steps, concern_id, "withdrawn", withdrawn_at)
    for action in store.actions(concern_id):
        if action.action == "answered":
            steps = with_reporter_step(steps, concern_id, "answered", action.at)
    return steps


def _officer_messages(concern_id: str, store: Store) -> Mapping[int, OfficerMessage]:
    return {message.sequence: message for message in store.officer_messages(concern_id)}
