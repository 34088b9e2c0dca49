"""What notification needs of the world."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from concord_access.ports import AuditLog
from concord_bus.ports import Work
from concord_notification.mail.message import Mail
from concord_notification.notices.domain.concern import Concern, Contact, Decision, Details, SealedWords, Words
from concord_notification.notices.domain.delivery import Delivery, State
from concord_notification.notices.domain.send_result import Result


class Unreadable(Exception):
    """No key of the vault fits. Remedy: give back the key that sealed it (CONCORD_VAULT_KEYS)."""


@dataclass(frozen=True, slots=True)
class Ledger:
    """What notification holds. `unanswered` contacts wait for routing's decision.

    Notices to reporters are counted by state; of those to supervisors, how many wait and how many were told.
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


class Store(Protocol):
    """Notification's tables in one open transaction. Sequences of concerns hold each concern once."""

    @property
    def audit(self) -> AuditLog: ...

    def keep_contacts(self, contacts: Sequence[Contact]) -> None:
        """Keep each contact unless a newer one of its concern is there."""

    def keep_decisions(self, decisions: Sequence[Decision]) -> None:
        """Keep each decision, without its words; one that is there stays as it is."""

    def keep_words(self, words: Sequence[SealedWords]) -> None:
        """Keep an officer's words; those about an event that has some stay as they are."""

    def withdraw(self, concern_ids: Sequence[str]) -> None:
        """Note that these concerns were withdrawn."""

    def known(self, concern_ids: Sequence[str]) -> list[Concern]:
        """All that is known of the concerns; decisions in order, with their words.

        Who has kept something of a concern in this transaction sees what another process kept before, and the other
        waits for our commit: the last of two always sees both.
        """

    def plan(self, concern_ids: Sequence[str], deliveries: Sequence[Delivery]) -> None:
        """Make these due unless they are known, and drop what else is due for the concerns: it is overtaken.

        What may have gone out (`uncertain`) stays, for whoever sends it to judge.
        """

    def ready(self, now: datetime, limit: int) -> list[tuple[Delivery, Concern]]:
        """The deliveries whose `not_before` has come, longest ago first; no other process gets them meanwhile."""

    def held(self, claim: str, ids: Sequence[str]) -> set[str]:
        """Those of the deliveries that are still being sent under this claim; no other process gets them meanwhile."""

    def save(self, deliveries: Sequence[Delivery]) -> None:
        """Write the state of deliveries that this transaction got from `ready` or `held`."""

    def drop(self, ids: Sequence[str]) -> None:
        """Remove deliveries that will never be sent."""

    def count_events(self, counts: Mapping[str, int]) -> Mapping[str, int]:
        """Count so many more events for each concern; the sequence number that the last of them bears, from 1."""

    def interrupted(self, now: datetime) -> int:
        """At start: end the claims of processes known to be dead; how many deliveries that frees."""

    def next_attempt(self) -> datetime | None:
        """When something will be ready; None when nothing waits."""

    def ledger(self) -> Ledger: ...

    def deliveries(self, state: State, limit: int, before: tuple[datetime, str] | None = None) -> list[Delivery]:
        """Deliveries in a state, latest `(due_at, id)` first, from `before` on (exclusive)."""

    def sealed(self, after: str, limit: int) -> list[tuple[str, str]]:
        """`(concern_id, sealed)` of contacts by ascending concern, from `after` on (exclusive)."""

    def reseal(self, changes: Sequence[tuple[str, str, str]]) -> None:
        """`(concern_id, old, new)`: replace a sealed contact that has not changed meanwhile."""

    def sealed_words(self, after: str, limit: int) -> list[tuple[str, str]]:
        """`(cause_id, sealed)` of officers' words by ascending cause, from `after` on (exclusive)."""

    def reseal_words(self, changes: Sequence[tuple[str, str, str]]) -> None:
        """`(cause_id, old, new)`: replace sealed words that have not changed meanwhile."""


class Vault(Protocol):
    """Seals contacts and officers' words so that the database holds nothing that names anybody."""

    def seal(self, details: Details) -> str: ...

    def open(self, sealed: str) -> Details:
        """Raises Unreadable when no key fits."""

    def seal_words(self, words: Words) -> str: ...

    def open_words(self, sealed: str) -> Words:
        """Raises Unreadable when no key fits."""

    def rewrap(self, sealed: str) -> str:
        """The same content under the newest key. Raises Unreadable when no key fits."""


class Writer(Protocol):
    """Puts a notice into words."""

    def language(self, wanted: str) -> str:
        """The language a notice is written in for someone who wishes `wanted` (BCP 47)."""

    def write(
        self,
        delivery: Delivery,
        decision: Decision,
        name: str | None,
        words: Words | None,
        recipient: str,
        now: datetime,
    ) -> Mail:
        """`name` is the reporter's as given; `words` are the officer's, if there are any."""


class Mailer(Protocol):
    """Hands mails over to a mail server. Every wait is bounded."""

    def send(self, mails: Sequence[Mail], may_begin: Callable[[], bool]) -> list[Result]:
        """Try each mail once and tell how it went, in the same order; none raises.

        No attempt is begun once `may_begin` is false or the server turned out to be away.
        """

    def probe(self) -> Result:
        """Whether the server answers: SENT or a Result with remedy REST."""


Begin = Callable[[], AbstractContextManager[Work[Store]]]
"""Opens a transaction; commits at its end, rolls back on an exception."""

Read = Callable[[], AbstractContextManager[Store]]
"""Opens a view for reading only."""
