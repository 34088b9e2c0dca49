"""The database port of intake: its tables within one transaction."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from concord_access.ports import AuditLog
from concord_bus.ports import Work
from concord_intake.domain.concern import Concern
from concord_intake.domain.import_source import ImportedLine, Line
from concord_intake.domain.reporter import Looks, ReporterAction
from concord_intake.domain.timeline import OfficerMessage, Step


@dataclass(frozen=True, slots=True)
class KeyClaim:
    """The claim of a request on an idempotency key: a `fingerprint` of the request, and the concern it created."""

    key: str
    fingerprint: bytes
    concern_id: str
    claimed_at: datetime


@dataclass(frozen=True, slots=True)
class Counts:
    """The number of concerns, and of those with a contact."""

    concerns: int
    contacts: int


class ReceiptTaken(Exception):
    """Another concern has the receipt of a new one. Nothing is stored: create the concern with another id."""


@dataclass(frozen=True, slots=True)
class StoredFeedback:
    """A reporter's answer for a resolution, with a keyed hash instead of the words.

    Answers from before have neither `extent` nor `fingerprint`.
    """

    concern_id: str
    resolution: int
    fixed: bool
    at: datetime
    extent: str | None = None
    fingerprint: bytes | None = None


@dataclass(frozen=True, slots=True)
class ReceiptIndex:
    """A concern whose receipt a worker derives again, to fill its `index`; None if it has none."""

    concern_id: str
    receipt_hash: bytes
    index: bytes | None = None


class Store(Protocol):
    """Intake's tables in one open transaction."""

    @property
    def audit(self) -> AuditLog: ...

    def claim_keys(self, claims: Sequence[KeyClaim], expired: datetime) -> Mapping[str, KeyClaim]:
        """Store claims on keys that are free or have a claim from before `expired`. Return the valid claim of each key.

        The first of several claims on one key wins. Other processes wait for this transaction's commit.
        """

    def claim_lines(self, claims: Sequence[ImportedLine]) -> Mapping[Line, ImportedLine]:
        """Store lines that are new. Return what is stored for each, old or new; the first of several claims wins."""

    def lines(self, lines: Iterable[Line], *, lock: bool = False) -> Mapping[Line, ImportedLine]:
        """Return the lines that are stored. With `lock`, other processes wait for this commit before they read them."""

    def save_lines(self, lines: Sequence[ImportedLine]) -> None:
        """Replace stored lines, each at most once."""

    def add(self, concerns: Sequence[Concern]) -> None:
        """Store new concerns. Raises ReceiptTaken: roll the transaction back."""

    def concerns(self, ids: Iterable[str]) -> Mapping[str, Concern]:
        """Return the existing concerns by id."""

    def concern_of_receipt(self, indexes: Sequence[bytes]) -> Concern | None:
        """Return the concern whose receipt has one of these indexes, or None."""

    def receipts_without_index(self, after: str, limit: int) -> Sequence[ReceiptIndex]:
        """Return at most `limit` concerns without an index and with ids above `after`, in the order of their ids."""

    def receipts_indexed_between(self, least: bytes, greatest: bytes, limit: int) -> Sequence[ReceiptIndex]:
        """Return at most `limit` concerns with an index from `least` to `greatest`, in the order of their indexes."""

    def set_receipt_indexes(self, indexes: Mapping[str, bytes]) -> None:
        """Store the index of each concern by its id. A concern stays as it is if another has that index."""

    def add_steps(self, steps: Sequence[Step]) -> None:
        """Store steps. A step that exists (same concern and sequence) does not change."""

    def steps(self, concern_id: str) -> Sequence[Step]:
        """Return the steps of a concern, in no particular order."""

    def add_officer_messages(self, messages: Sequence[OfficerMessage]) -> None:
        """Store officer messages. A message that exists (same concern and sequence) does not change."""

    def officer_messages(self, concern_id: str) -> Sequence[OfficerMessage]:
        """Return the officer messages about a concern, in no particular order."""

    def withdraw(self, concern_id: str, at: datetime) -> bool:
        """Store a withdrawal; return False if there is one already. Other processes wait for this commit."""

    def withdrawn_at(self, concern_id: str) -> datetime | None:
        """Return the time of the withdrawal, or None."""

    def add_answer(self, answer: StoredFeedback) -> bool:
        """Store a reporter's answer for a resolution; return False if there is one already, like `withdraw`."""

    def answer(self, concern_id: str, resolution: int) -> StoredFeedback | None:
        """Return the answer for that resolution, or None."""

    def add_action(self, action: ReporterAction) -> bool:
        """Store an action; return False if one of this concern has the key already, like `withdraw`."""

    def actions(self, concern_id: str) -> Sequence[ReporterAction]:
        """Return the actions of a concern's reporter, in the order of their times."""

    def set_contact_given(self, concern_id: str) -> None:
        """Store that the reporter has given a contact."""

    def count_looks(self, looks: Sequence[Looks]) -> None:
        """Add the looks to those of the same concern and kind, and keep the latest time. None occurs twice."""

    def looks(self, concern_id: str) -> Sequence[Looks]:
        """Return the looks at a concern, in no particular order."""

    def count_events(self, concern_id: str, more: int) -> int:
        """Add `more` to the concern's event count; return the new count, the sequence of its last event."""

    def count_event_of_each(self, concern_ids: Sequence[str]) -> Mapping[str, int]:
        """Add one to the event count of each concern; return the new counts by concern, like `count_events`."""

    def forget_keys(self, expired: datetime, limit: int) -> int:
        """Delete at most `limit` keys with a claim from before `expired`; return their number."""

    def counts(self) -> Counts:
        """Return the counts for the ledger."""


class Transactions(Protocol):
    """Transactions of the service's database."""

    def work(self) -> AbstractContextManager[Work[Store]]:
        """Open a transaction with an outbox, which commits at the end."""

    def read(self) -> AbstractContextManager[Store]:
        """Open a transaction that only reads."""
