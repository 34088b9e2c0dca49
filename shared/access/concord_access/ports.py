"""The ports of access."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Protocol

from concord_access.domain.api_key import ApiKey
from concord_access.domain.audit_entry import Entry
from concord_access.domain.audit_filter import EVERY_ENTRY, EntryFilter
from concord_access.domain.hash_chain import Head, Record


class AuditLog(Protocol):
    """A service's chain of entries, within the caller's transaction."""

    def append(self, entry: Entry) -> Head:
        """Add an entry, and return the new head. Other writers wait until this transaction ends, so append last."""
        ...

    def records(self, after: int = 0, limit: int = 1000, wanted: EntryFilter = EVERY_ENTRY) -> list[Record]:
        """Return at most `limit` entries that match the filter, with numbers above `after`, in order."""
        ...

    def head(self) -> Head:
        """Return the end of the chain; `hash_chain.EMPTY` before the first entry."""
        ...


class KeyStore(Protocol):
    """API keys, within the caller's transaction."""

    def serialise(self, name: str) -> None:
        """Make other issuers of a key with this name wait until this transaction ends."""
        ...

    def add(self, key: ApiKey) -> None:
        """Add a key. Raises PrefixTaken for an existing prefix; then issue again."""
        ...

    def find(self, prefix: str) -> ApiKey | None: ...

    def named(self, name: str) -> list[ApiKey]:
        """Return all keys of this name, live or not, oldest first."""
        ...

    def all(self) -> Iterator[ApiKey]:
        """Yield every key, by name and age."""
        ...

    def revoke(self, prefix: str, at: datetime) -> bool:
        """Revoke a key. Returns False for an unknown or already revoked prefix."""
        ...

    def used(self, prefix: str, day: date) -> None:
        """Record the last day of use. An earlier day changes nothing."""
        ...


class PrefixTaken(Exception):
    """Two keys drew the same prefix, one time in 218 million million. Remedy: issue again."""


class SigningKeys(Protocol):
    """Public keys by id, as an issuer of tokens publishes them."""

    def find(self, kid: str) -> object | None:
        """Return the key in the form that its verifier reads. Raises SigningKeysUnavailable without any keys."""
        ...
