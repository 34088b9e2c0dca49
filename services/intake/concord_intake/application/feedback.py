"""Feedback on a resolution, through the link in a mail: each link accepts one answer."""

from concord_bus.ports import Clock, Work, utc_now
from concord_contracts.feedback_links import FeedbackLink, FeedbackLinks
from concord_intake.application.errors import AlreadyAnswered, LinkedConcernNotFound
from concord_intake.domain.feedback import Feedback, event_count, feedback_events
from concord_intake.domain.timeline import in_order
from concord_intake.ports import Store, Transactions


class FeedbackService:
    """Reads the signed links and records the feedback of their holders."""

    def __init__(self, links: FeedbackLinks, transactions: Transactions, clock: Clock = utc_now) -> None:
        self._links = links
        self._transactions = transactions
        self._clock = clock

    def open(self, token: str) -> FeedbackLink:
        """Return a link that can still be used.

        Raises ForgedLink, EndedLink, LinkedConcernNotFound, AlreadyAnswered, ResourceUnavailable.
        """
        link = self._links.read(token, self._clock())
        with self._transactions.read() as store:
            if link.concern_id not in store.concerns([link.concern_id]):
                raise LinkedConcernNotFound
            if store.answered(link.concern_id, link.resolution):
                raise AlreadyAnswered
        return link

    def submit(self, token: str, feedback: Feedback) -> FeedbackLink:
        """Record the feedback and return its link. Raises the errors of `open`, without any effect."""
        link = self._links.read(token, self._clock())
        with self._transactions.work() as work:
            record_feedback(link, feedback, work)
        return link


def record_feedback(link: FeedbackLink, feedback: Feedback, work: Work[Store]) -> None:
    """Store the answer and publish its events in one transaction. Raises LinkedConcernNotFound, AlreadyAnswered."""
    concern = work.store.concerns([link.concern_id]).get(link.concern_id)
    if concern is None:
        raise LinkedConcernNotFound
    if not work.store.add_answer(concern.id, link.resolution, feedback.fixed, work.now):
        raise AlreadyAnswered
    steps = in_order(work.store.steps(concern.id))
    count = event_count(feedback)
    first = work.store.count_events(concern.id, count) - count + 1
    work.publish(*feedback_events(feedback, link.resolution, concern, steps, first, work.now))
