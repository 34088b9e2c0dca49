"""The links in mails to reporters. They name no person and quote no text."""

from dataclasses import dataclass, field
from datetime import datetime

from concord_contracts import feedback_links, status_links
from concord_contracts.feedback_links import FeedbackLink, FeedbackLinks
from concord_contracts.status_links import StatusLink, StatusLinks


@dataclass(frozen=True, slots=True)
class Link:
    """A signed address and the time at which it expires (UTC)."""

    url: str
    until: datetime


@dataclass(frozen=True, slots=True)
class ResidentLinks:
    """Signs links to intake's pages. `public_url` is the address of these pages, without a slash at its end."""

    feedback_links: FeedbackLinks = field(repr=False)
    status_links: StatusLinks = field(repr=False)
    public_url: str

    @property
    def receipt_page(self) -> str:
        """The page that takes a receipt."""
        return f"{self.public_url}/track"

    def status(self, concern_id: str, language: str, now: datetime) -> Link:
        """Return a new link to the page of one concern. Each mail brings one, so each mail renews its 30 days."""
        until = now + status_links.LIFETIME
        token = self.status_links.write(StatusLink(concern_id, language, until))
        return Link(f"{self.receipt_page}/{token}", until)

    def feedback(self, concern_id: str, resolution: int, language: str, now: datetime) -> Link:
        """Return a new link to the questions about a resolution, by the sequence of the event that announced it."""
        until = now + feedback_links.LIFETIME
        token = self.feedback_links.write(FeedbackLink(concern_id, resolution, language, until))
        return Link(f"{self.public_url}/feedback/{token}", until)
