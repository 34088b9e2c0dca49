"""What intake needs of its database, inside one transaction."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from concord_access.ports import AuditLog
from concord_intake.domain.concern import Concern
from concord_intake.domain.timeline import Step, Word

Line = tuple[str, str]
"""A line of an import: the name of the source and the line's id in it."""


@dataclass(frozen=True, slots=True)
class KeyClaim:
    """A request that says "once only": its key, what was asked (`fingerprint`), and the concern it made."""

    key: str
    fingerprint: bytes
    concern_id: str
    claimed_at: datetime


@dataclass(frozen=True, slots=True)
class Counts:
    """How many concerns were taken in, and how many of them came with a contact."""

    concerns: int
    contacts: int


class Store(Protocol):
    """Intake's tables in one open transaction."""

    @property
    def audit(self) -> AuditLog: ...

    def claim_keys(self, claims: Sequence[KeyClaim], expired: datetime) -> Mapping[str, KeyClaim]:
        """Note the keys that nobody holds since `expired`; return, for each key, the claim that holds it now.

        Of several claims on one key the first wins, also against other processes, which wait for our commit.
        """

    def claim_lines(self, claims: Sequence[tuple[Line, str]]) -> Mapping[Line, str]:
        """Note the lines (with their concerns' ids) not seen before; return the concern of each line now."""

    def add(self, concerns: Sequence[Concern]) -> None:
        """Keep new concerns."""

    def concerns(self, ids: Iterable[str]) -> Mapping[str, Concern]:
        """Those that exist, by id."""

    def add_steps(self, steps: Sequence[Step]) -> None:
        """Keep what routing did; a step that is there already (concern and sequence) stays as it is."""

    def steps(self, concern_id: str) -> Sequence[Step]:
        """What routing did with one concern, in no particular order."""

    def add_words(self, words: Sequence[Word]) -> None:
        """Keep what officers wrote; words about a step that has some stay as they are."""

    def words(self, concern_id: str) -> Sequence[Word]:
        """What officers wrote about one concern, in no particular order."""

    def withdraw(self, concern_id: str, at: datetime) -> bool:
        """Note that its reporter took it back; False when they did before. Other processes wait for our commit."""

    def withdrawn_at(self, concern_id: str) -> datetime | None:
        """When it was taken back, if it was."""

    def add_answer(self, concern_id: str, resolution: int, fixed: bool, at: datetime) -> bool:
        """Note that its reporter answered for a resolution; False when they did before, as with `withdraw`."""

    def answered(self, concern_id: str, resolution: int) -> bool:
        """Whether its reporter has answered for that resolution."""

    def count_events(self, concern_id: str, more: int) -> int:
        """Count so many more of our events about a concern that exists; the sequence of the last of them."""

    def forget_keys(self, expired: datetime, limit: int) -> int:
        """Drop keys claimed before `expired`, at most `limit`; how many were dropped."""

    def counts(self) -> Counts:
        """For the ledger."""
