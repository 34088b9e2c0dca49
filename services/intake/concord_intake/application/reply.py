"""Take a reporter's reply to a resolution: once for each."""

from concord_bus.ports import Work
from concord_contracts.feedback_links import FeedbackLink
from concord_intake.domain.feedback import Reply, events_of, tell_reply
from concord_intake.domain.timeline import in_order
from concord_intake.ports import Store


class Unknown(Exception):
    """There is no such concern here."""


class Answered(Exception):
    """The link was used before."""


def check(link: FeedbackLink, store: Store) -> None:
    """Raises Unknown, Answered."""
    if link.concern_id not in store.concerns([link.concern_id]):
        raise Unknown
    if store.answered(link.concern_id, link.resolution):
        raise Answered


def take_reply(link: FeedbackLink, reply: Reply, work: Work[Store]) -> None:
    """Note it and tell the others, in one transaction. Raises Unknown, Answered; then nothing was done."""
    concern = work.store.concerns([link.concern_id]).get(link.concern_id)
    if concern is None:
        raise Unknown
    if not work.store.add_answer(concern.id, link.resolution, reply.fixed, work.now):
        raise Answered
    steps = in_order(work.store.steps(concern.id))
    count = events_of(reply)
    first = work.store.count_events(concern.id, count) - count + 1
    work.publish(*tell_reply(reply, link.resolution, concern, steps, first, work.now))
