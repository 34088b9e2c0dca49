"""The interfaces between notices and the outside: database, vault, renderer and metrics."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from concord_access.ports import AuditLog
from concord_notification.mail.message import Mail
from concord_notification.mail.send_result import SendResult
from concord_notification.notices.domain.concern import (
    Concern,
    Contact,
    ContactDetails,
    Decision,
    OfficerMessage,
    SealedMessage,
)
from concord_notification.notices.domain.delivery import Delivery, State
from concord_notification.notices.domain.team_policy import DigestLine


@dataclass(frozen=True, slots=True)
class Ledger:
    """The counts of notification. `unanswered` contacts wait for routing's decision.

    The states count notices to reporters. The `supervisors_` fields count notices to supervisors, and the
    `teams_` fields mails to teams.
    """

    contacts: int = 0
    unanswered: int = 0
    due: int = 0
    sending: int = 0
    delivered: int = 0
    failed: int = 0
    overtaken: int = 0
    uncertain: int = 0
    supervisors_due: int = 0
    supervisors_told: int = 0
    teams_due: int = 0
    teams_told: int = 0


class NoticeStore(Protocol):
    """The tables of notices in one open transaction. A sequence of concerns must hold each concern once."""

    @property
    def audit(self) -> AuditLog: ...

    def keep_contacts(self, contacts: Sequence[Contact]) -> None:
        """Insert each contact, unless the concern has a newer one."""

    def keep_decisions(self, decisions: Sequence[Decision]) -> None:
        """Insert each new decision without its officer message."""

    def keep_messages(self, messages: Sequence[SealedMessage]) -> None:
        """Insert officer messages. The first message about an event wins."""

    def withdraw(self, concern_ids: Sequence[str]) -> None:
        """Mark these concerns as withdrawn."""

    def concerns(self, concern_ids: Sequence[str]) -> list[Concern]:
        """Return all data of the concerns, with their decisions in order.

        A write about a concern locks it until the commit. So of two processes that write about the same concern, the
        second one reads the data of both.
        """

    def plan(
        self, concern_ids: Sequence[str], deliveries: Sequence[Delivery], current: Sequence[str] | None = None
    ) -> None:
        """Insert these deliveries unless they exist. Delete all others that are due for the concerns.

        Others with an id in `current` stay.

        A delivery whose mail may have gone out (`uncertain`) stays; the dispatcher decides about it.
        """

    def keep_digest_lines(self, lines: Sequence[DigestLine]) -> None:
        """Insert each new line. It waits for the next digest of its team."""

    def teams_without_digest(self) -> list[str]:
        """Return the teams with lines that wait, but without a digest on its way."""

    def add_digests(self, digests: Sequence[Delivery]) -> None:
        """Insert these deliveries unless they exist."""

    def take_lines(self, digest: Delivery) -> list[DigestLine]:
        """Give the digest all lines of its team that wait, unless it has taken lines before. Return its lines."""

    def drop_lines(self, digest_ids: Sequence[str]) -> None:
        """Delete the lines of these digests."""

    def drop_waiting_lines(self, team: str) -> None:
        """Delete the lines of a team that gets no digest any more."""

    def ready(self, now: datetime, limit: int) -> list[tuple[Delivery, Concern]]:
        """Lock and return the deliveries whose `not_before` is over, oldest first."""

    def with_claim(self, claim: str, ids: Sequence[str]) -> set[str]:
        """Lock the deliveries that this claim still holds, and return their ids."""

    def save(self, deliveries: Sequence[Delivery]) -> None:
        """Update deliveries that this transaction has from `ready` or `with_claim`."""

    def drop(self, ids: Sequence[str]) -> None:
        """Delete deliveries."""

    def count_events(self, counts: Mapping[str, int]) -> Mapping[str, int]:
        """Count so many more events for each concern. Return the sequence number of the last one, from 1."""

    def release_interrupted(self, now: datetime) -> int:
        """End the claims of stopped processes, at start. Return the number of deliveries released."""

    def end_overlong_waits(self, now: datetime, lease: timedelta) -> int:
        """Make due at `now` what waits longer than its attempts or a lease allow, and return the number.

        Clocks may differ by CLOCK_TOLERANCE.
        """

    def next_attempt(self) -> datetime | None:
        """Return the earliest `not_before` of the open deliveries; None without any."""

    def ledger(self) -> Ledger: ...

    def deliveries(self, state: State, limit: int, before: tuple[datetime, str] | None = None) -> list[Delivery]:
        """Return deliveries in a state, latest `(due_at, id)` first, from `before` on (exclusive)."""


class ContactVault(Protocol):
    """Encrypts contacts and officer messages, so that the database names nobody."""

    def seal(self, details: ContactDetails) -> str: ...

    def open(self, sealed: str) -> ContactDetails:
        """Decrypt a contact. Raises VaultUnreadable when no key fits."""

    def seal_message(self, message: OfficerMessage) -> str: ...

    def open_message(self, sealed: str) -> OfficerMessage:
        """Decrypt an officer message. Raises VaultUnreadable when no key fits."""


class Renderer(Protocol):
    """Renders notices as mails."""

    def language(self, preference: str) -> str:
        """Return the supported language nearest to the preference (BCP 47)."""

    def render(
        self,
        delivery: Delivery,
        decision: Decision,
        name: str | None,
        message: OfficerMessage | None,
        recipient: str,
        now: datetime,
    ) -> Mail:
        """Render one notice. `name` is the reporter's own spelling."""


class TeamRenderer(Protocol):
    """Renders mails to teams."""

    def render(self, delivery: Delivery, decisions: Sequence[Decision], recipient: str, now: datetime) -> Mail:
        """Render the mail about one event, or the digest of several, the oldest first."""


class Metrics(Protocol):
    """Counts the progress of notices."""

    def count_superseded(self, number: int, uncertain: int) -> None:
        """Count superseded notices, and those of them whose mail may have gone out."""

    def count_unreadable(self) -> None:
        """Count a contact or message that no key of the vault decrypts."""

    def count_attempt(self, delivery: Delivery, result: SendResult) -> None:
        """Count an attempt. `delivery` is its state after the attempt."""
