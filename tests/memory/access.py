"""Audit and keys in memory, for tests of handlers. The contract tests hold them to the same rules as the SQL
adapters."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime

from concord_access.domain.api_key import ApiKey
from concord_access.domain.audit_entry import Entry
from concord_access.domain.audit_filter import EVERY_ENTRY, EntryFilter
from concord_access.domain.hash_chain import EMPTY, Head, Record, link
from concord_access.ports import PrefixTaken


class MemoryAudit:
    """See `ports.AuditLog`."""

    def __init__(self) -> None:
        self._records: list[Record] = []

    def append(self, entry: Entry) -> Head:
        self._records.append(link(self.head(), entry))
        return self.head()

    def records(self, after: int = 0, limit: int = 1000, entry_filter: EntryFilter = EVERY_ENTRY) -> list[Record]:
        return [record for record in self._records if record.seq > after and entry_filter.matches(record)][:limit]

    def head(self) -> Head:
        return Head(self._records[-1].seq, self._records[-1].hash) if self._records else EMPTY


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
