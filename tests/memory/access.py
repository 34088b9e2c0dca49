"""Audit and keys in memory, for tests of handlers. The contract tests hold them to the same rules as the SQL
adapters."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime

from concord_access.domain.api_key import ApiKey
from concord_access.domain.audit_entry import Entry
from concord_access.domain.audit_filter import EVERY_ENTRY, EntryFilter
from concord_access.domain.hash_chain import EMPTY, Finding, Head, Record, Verifier, link
from concord_access.ports import PrefixTaken


class MemoryAudit:
    """See `ports.AuditLog`."""

    def __init__(self) -> None:
        self._records: list[Record] = []

    def append(self, entry: Entry) -> Head:
        self._records.append(link(self.head(), entry))
        return self.head()

    def records(self, after: int = 0, limit: int = 1000, entry_filter: EntryFilter = EVERY_ENTRY) -> list[Record]:
        return [record for record in self._records if record.seq > after and matches(entry_filter, record)][:limit]

    def head(self) -> Head:
        return Head(self._records[-1].seq, self._records[-1].hash) if self._records else EMPTY


def matches(entry_filter: EntryFilter, record: Record) -> bool:
    since, before = entry_filter.span
    in_time = (since is None or record.at >= since) and (before is None or record.at < before)
    return in_time and all(getattr(record, name) == text for name, text in entry_filter.texts.items())


def verify(records: Iterable[Record], expected: Head | None = None) -> tuple[Head, list[Finding]]:
    """Return the end of a whole chain in memory, and its faults."""
    verifier = Verifier(expected)
    findings = [*verifier.read(records), *verifier.end()]
    return verifier.head, findings


class MemoryKeys:
    """See `ports.KeyStore`."""

    def __init__(self) -> None:
        self._keys: dict[str, ApiKey] = {}

    def serialise(self, name: str) -> None:
        """Return at once: memory has one writer."""

    def add(self, key: ApiKey) -> None:
        if key.prefix in self._keys:
            raise PrefixTaken
        self._keys[key.prefix] = key

    def find(self, prefix: str) -> ApiKey | None:
        return self._keys.get(prefix)

    def named(self, name: str) -> list[ApiKey]:
        return [key for key in self.all() if key.name == name]

    def all(self) -> Iterator[ApiKey]:
        yield from sorted(self._keys.values(), key=lambda key: (key.name, key.issued_at, key.prefix))

    def revoke(self, prefix: str, at: datetime) -> bool:
        key = self._keys.get(prefix)
        if key is None or key.revoked_at is not None:
            return False
        self._keys[prefix] = replace(key, revoked_at=at)
        return True

    def used(self, prefix: str, day: date) -> None:
        key = self._keys.get(prefix)
        if key is not None and (key.last_used is None or key.last_used < day):
            self._keys[prefix] = replace(key, last_used=day)
