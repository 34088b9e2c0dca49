"""What access asks of the outside."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Protocol

from concord_access.domain.api_key import ApiKey
from concord_access.domain.audit_entry import Entry
from concord_access.domain.audit_filter import EVERY_ENTRY, EntryFilter
from concord_access.domain.hash_chain import Head, Record


class AuditLog(Protocol):
    """A service's chain of entries, within the transaction of whoever opened it."""

    def append(self, entry: Entry) -> Head:
        """Add an entry; the chain's new head. Other writers wait until this transaction ends: append last."""
        ...

    def records(self, after: int = 0, limit: int = 1000, wanted: EntryFilter = EVERY_ENTRY) -> list[Record]:
        """Entries that are `wanted` with a number above `after`, in order."""
        ...

    def head(self) -> Head:
        """The chain's end; `chain.EMPTY` before the first entry."""
        ...


class KeyStore(Protocol):
    """API keys, within the transaction of whoever opened it."""

    def serialise(self, name: str) -> None:
        """Let others who issue a key under this name wait until this transaction ends."""
        ...

    def add(self, key: ApiKey) -> None:
        """Raises PrefixTaken when another key has its prefix; then issue again."""
        ...

    def find(self, prefix: str) -> ApiKey | None: ...

    def named(self, name: str) -> list[ApiKey]:
        """All keys of this name, live or not, oldest first."""
        ...

    def all(self) -> Iterator[ApiKey]:
        """Every key, by name and age."""
        ...

    def revoke(self, prefix: str, at: datetime) -> bool:
        """False when it is unknown or was revoked before."""
        ...

    def used(self, prefix: str, day: date) -> None:
        """Note the last day on which a key was used; an earlier day changes nothing."""
        ...


class PrefixTaken(Exception):
    """Two keys drew the same prefix, one time in 218 million million. Remedy: draw again."""


class SigningKeys(Protocol):
    """Public keys by id, as an issuer of tokens publishes them."""

    def find(self, kid: str) -> object | None:
        """The key in the form its verifier reads. Raises KeysAway when none could ever be read."""
        ...
