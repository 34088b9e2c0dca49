"""A hash chain of entries: each holds the hash of the one before, so you can detect a changed, deleted or moved entry.

An attacker with access to the whole database could rebuild the chain. To detect that, or a missing end, store a head
(count and hash) elsewhere.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from concord_access.domain.audit_entry import Entry, canonical, write_moment

FIRST = "0" * 64
"""The previous hash of the first entry."""
_HEAD = re.compile(r"(\d{1,18}):([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Record:
    """A stored entry, with its texts unchanged. `seq` counts from 1 without gaps."""

    seq: int
    at: str
    actor: str
    action: str
    subject: str
    details: str
    previous: str
    hash: str


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a chain: the number of entries, and the hash of the last one."""

    count: int
    hash: str

    def __str__(self) -> str:
        return f"{self.count}:{self.hash}"

    @classmethod
    def parse(cls, text: str) -> "Head":
        """Parse the printed form `COUNT:HASH`. Raises ValueError."""
        match = _HEAD.fullmatch(text.strip().lower())
        if match is None:
            raise ValueError("a head looks like COUNT:HASH, with 64 hexadecimal digits of hash")
        return cls(int(match[1]), match[2])


EMPTY = Head(0, FIRST)


class Fault(StrEnum):
    """The kind of a fault in the chain."""

    CHANGED = "changed"
    MISSING = "missing"
    REORDERED = "reordered"
    CUT_OFF = "cut-off"
    REPLACED = "replaced"


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault at `line`, the number of the entry in the chain, from 1."""

    line: int
    fault: Fault
    detail: str

    def __str__(self) -> str:
        return f"entry {self.line}: {self.fault}: {self.detail}"


def record_hash(record: Record) -> str:
    """Return SHA-256 of the previous hash, a line feed, and the canonical JSON of the entry's five texts."""
    texts = {name: getattr(record, name) for name in ("action", "actor", "at", "details", "subject")}
    return hashlib.sha256(f"{record.previous}\n{canonical(texts)}".encode()).hexdigest()


def link(head: Head, entry: Entry) -> Record:
    """Return the record that continues a chain after `head`."""
    texts = (write_moment(entry.at), entry.actor, entry.action, entry.subject, canonical(dict(entry.details)))
    unsigned = Record(head.count + 1, *texts, previous=head.hash, hash="")
    return Record(head.count + 1, *texts, previous=head.hash, hash=record_hash(unsigned))


class Verifier:
    """Verifies a chain in the order of `seq`; `head` is its end so far."""

    def __init__(self, expected: Head | None = None) -> None:
        """Take `expected`, a head that somebody stored elsewhere."""
        self._expected = expected
        self.head = EMPTY

    def read(self, records: Iterable[Record]) -> Iterator[Finding]:
        """Yield the faults in these records and in their connection to the earlier ones. Call `end` after the last."""
        for record in records:
            yield from self._check_record(record)
            self.head = Head(record.seq, record.hash)

    def end(self) -> Iterator[Finding]:
        """Yield a fault if the end of the chain is missing."""
        if self._expected is None or self.head.count >= self._expected.count:
            return
        lost = self._expected.count - self.head.count
        yield Finding(self.head.count + 1, Fault.CUT_OFF, f"the chain ends before it; {lost} or more are gone")

    def _check_record(self, record: Record) -> Iterator[Finding]:
        due = self.head.count + 1
        if record.seq > due:
            lost = str(due) if record.seq == due + 1 else f"{due} to {record.seq - 1}"
            yield Finding(due, Fault.MISSING, f"no entry {lost}; the next is {record.seq}")
        elif record.seq < due or record.previous != self.head.hash:
            detail = "does not continue the entry before it: one was moved, taken out or put in"
            yield Finding(record.seq, Fault.REORDERED, detail)
        if record_hash(record) != record.hash:
            yield Finding(record.seq, Fault.CHANGED, "its hash is not that of its contents")
        if self._expected and self._expected.count == record.seq and self._expected.hash != record.hash:
            yield Finding(record.seq, Fault.REPLACED, "its hash is not the one that was kept")
