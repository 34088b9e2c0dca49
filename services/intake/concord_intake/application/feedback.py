"""What a link in a mail leads to: it is read, and the reply to it is taken once."""

from collections.abc import Callable
from datetime import UTC, datetime

from concord_contracts.feedback_links import EndedLink, FeedbackLink, FeedbackLinks, ForgedLink
from concord_intake.application.concerns import Transactions
from concord_intake.application.reply import Answered, Unknown, check, take_reply
from concord_intake.domain.feedback import Reply
from concord_web.problem import Problem

ENDED = "This link has ended. Report the concern again if it is not dealt with."
FORGED = "This is not a whole link of ours. Open the link of the mail again, or copy all of it."
USED = "This link was used before: your answer is with us. Report the concern again if something new is wrong."


class Feedback:
    """Takes replies to resolutions from who holds a link."""

    def __init__(
        self,
        links: FeedbackLinks,
        transactions: Transactions,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._links = links
        self._transactions = transactions
        self._clock = clock

    def open(self, token: str) -> FeedbackLink:
        """A link that can be used. Raises ForgedLink, EndedLink, Unknown, Answered, ResourceUnavailable."""
        link = self._links.read(token, self._clock())
        with self._transactions.read() as store:
            check(link, store)
        return link

    def reply(self, token: str, reply: Reply) -> FeedbackLink:
        """Take the reply; the link it came by. Raises as `open` does; then nothing was done."""
        link = self._links.read(token, self._clock())
        with self._transactions.work() as work:
            take_reply(link, reply, work)
        return link


def ended(error: EndedLink) -> Problem:
    return Problem(410, detail=ENDED)


def forged(error: ForgedLink | Unknown) -> Problem:
    """Of a concern that is not here no more is said than of a link that is not ours."""
    return Problem(404, detail=FORGED)


def used(error: Answered) -> Problem:
    return Problem(409, detail=USED)
