"""A chain of entries: each holds the hash of the one before, so that none can be changed, taken out or moved.

Who can write to the whole database could still make the chain anew. A head that was kept elsewhere (count and hash)
finds that too, and a tail that was cut off.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from concord_access.domain.audit_entry import Entry, canonical, write_moment

FIRST = "0" * 64
"""What stands for the hash before the first entry."""
_HEAD = re.compile(r"(\d{1,18}):([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Record:
    """An entry as it is stored, texts as they are: `seq` counts from 1 without gaps."""

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
    """The end of a chain: how many entries, and the hash of the last."""

    count: int
    hash: str

    def __str__(self) -> str:
        return f"{self.count}:{self.hash}"

    @classmethod
    def parse(cls, text: str) -> "Head":
        """From `COUNT:HASH` as it was printed. Raises ValueError."""
        found = _HEAD.fullmatch(text.strip().lower())
        if found is None:
            raise ValueError("a head looks like COUNT:HASH, with 64 hexadecimal digits of hash")
        return cls(int(found[1]), found[2])


EMPTY = Head(0, FIRST)


class Fault(StrEnum):
    """What is wrong with a line."""

    CHANGED = "changed"
    MISSING = "missing"
    REORDERED = "reordered"
    CUT_OFF = "cut-off"
    REPLACED = "replaced"


@dataclass(frozen=True, slots=True)
class Finding:
    """`line` is the entry's number in the chain, counted from 1."""

    line: int
    fault: Fault
    detail: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.fault}: {self.detail}"


def record_hash(record: Record) -> str:
    """SHA-256 over the previous hash, a line feed, and the canonical JSON of the entry's five texts."""
    texts = {
        "action": record.action,
        "actor": record.actor,
        "at": record.at,
        "details": record.details,
        "subject": record.subject,
    }
    return hashlib.sha256(f"{record.previous}\n{canonical(texts)}".encode()).hexdigest()


def link(head: Head, entry: Entry) -> Record:
    """The record that continues a chain which ends with `head`."""
    texts = (write_moment(entry.at), entry.actor, entry.action, entry.subject, canonical(dict(entry.details)))
    unsigned = Record(head.count + 1, *texts, previous=head.hash, hash="")
    return Record(head.count + 1, *texts, previous=head.hash, hash=record_hash(unsigned))


class Verifier:
    """Reads a chain in the order of `seq` and says what is wrong; `head` is its end so far."""

    def __init__(self, expected: Head | None = None) -> None:
        """`expected` is a head that was printed earlier and kept elsewhere."""
        self._expected = expected
        self.head = EMPTY

    def read(self, records: Iterable[Record]) -> Iterator[Finding]:
        """What is wrong with these and how they follow what was read before. Call `end` after the last."""
        for record in records:
            yield from self._check_record(record)
            self.head = Head(record.seq, record.hash)

    def end(self) -> Iterator[Finding]:
        """What is wrong with the chain as a whole: a tail that is gone."""
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


def verify(records: Iterable[Record], expected: Head | None = None) -> tuple[Head, list[Finding]]:
    """The end of a whole chain in memory, and what is wrong with it."""
    verifier = Verifier(expected)
    findings = [*verifier.read(records), *verifier.end()]
    return verifier.head, findings
