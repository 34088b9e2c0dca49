"""Feedback on a resolution, through the link in a mail: each resolution has one answer, however often it arrives."""

import json
from dataclasses import asdict

from concord_bus.ports import Clock, Work, utc_now
from concord_contracts.feedback_links import FeedbackLink, FeedbackLinks
from concord_intake.application.errors import AlreadyAnswered, LinkedConcernNotFound
from concord_intake.domain.concern import Concern
from concord_intake.domain.feedback import Feedback, event_count, feedback_events
from concord_intake.domain.receipt import Receipts
from concord_intake.domain.timeline import in_order
from concord_intake.ports import Store, StoredFeedback, Transactions


class FeedbackService:
    """Reads the signed links and records the feedback of their holders."""

    def __init__(
        self, links: FeedbackLinks, receipts: Receipts, transactions: Transactions, clock: Clock = utc_now
    ) -> None:
        self._links = links
        self._receipts = receipts
        self._transactions = transactions
        self._clock = clock

    def link(self, token: str) -> FeedbackLink:
        """Return the link in a token, used or not. Raises ForgedLink, EndedLink."""
        return self._links.read(token, self._clock())

    def open(self, token: str) -> FeedbackLink:
        """Return a link that can still be used.

        Raises ForgedLink, EndedLink, LinkedConcernNotFound, AlreadyAnswered, ResourceUnavailable.
        """
        link = self.link(token)
        with self._transactions.read() as store:
            if link.concern_id not in store.concerns([link.concern_id]):
                raise LinkedConcernNotFound
            if store.answer(link.concern_id, link.resolution):
                raise AlreadyAnswered
        return link

    def submit(self, token: str, feedback: Feedback) -> FeedbackLink:
        """Record the feedback and return its link. The same feedback again has no second effect.

        Raises the errors of `open`, without any effect.
        """
        link = self.link(token)
        with self._transactions.work() as work:
            concern = work.store.concerns([link.concern_id]).get(link.concern_id)
            if concern is None:
                raise LinkedConcernNotFound
            record_feedback(concern, link.resolution, feedback, self._receipts, work)
        return link


def record_feedback(
    concern: Concern, resolution: int, feedback: Feedback, receipts: Receipts, work: Work[Store]
) -> None:
    """Store the answer and publish its events in one transaction.

    Does nothing for the same answer again. Raises AlreadyAnswered for another one.
    """
    request = json.dumps(asdict(feedback), sort_keys=True).encode()
    fingerprint = receipts.fingerprint(request)
    answer = StoredFeedback(concern.id, resolution, feedback.fixed, work.now, feedback.extent, fingerprint)
    if not work.store.add_answer(answer):
        _check_repeated(work.store.answer(concern.id, resolution), request, receipts)
        return
    steps = in_order(work.store.steps(concern.id))
    count = event_count(feedback)
    first = work.store.count_events(concern.id, count) - count + 1
    work.publish(*feedback_events(feedback, resolution, concern, steps, first, work.now))


def _check_repeated(stored: StoredFeedback | None, request: bytes, receipts: Receipts) -> None:
    """Raises AlreadyAnswered unless the stored answer is the same. One from before has no fingerprint to compare."""
    if stored is None or stored.fingerprint is None or not receipts.same_request(request, stored.fingerprint):
        raise AlreadyAnswered
