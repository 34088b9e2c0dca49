"""Issues, revokes and verifies API keys."""

from contextlib import suppress
from datetime import datetime

from concord_access.domain.api_key import ApiKey, NewApiKey, create_key, match_key, new_secret, prefix_of
from concord_access.domain.audit_entry import Code, Entry
from concord_access.domain.errors import NotAuthenticated
from concord_access.domain.principal import Principal
from concord_access.ports import AuditLog, KeyStore
from concord_bus.domain.errors import ResourceUnavailable
from concord_bus.ports import Clock, Transactions


def issue(
    store: KeyStore, audit: AuditLog, new_key: NewApiKey, pepper: bytes, actor: str, now: datetime
) -> tuple[str, ApiKey]:
    """Return a new key and its secret, which no database stores.

    Raises InvalidGrant for an invalid request, and PrefixTaken, after which you issue the key again.
    """
    store.serialise(new_key.name)
    secret = new_secret()
    key = create_key(new_key, store.named(new_key.name), secret, pepper, now)
    store.add(key)
    details: dict[str, Code] = {"name": key.name, "role": str(key.principal.role), "days": new_key.life.days}
    audit.append(Entry(now, actor, "key.issued", f"key:{key.prefix}", details))
    return secret, key


def revoke(store: KeyStore, audit: AuditLog, prefix: str, actor: str, now: datetime) -> bool:
    """Revoke a key. Returns False for an unknown or already revoked prefix."""
    if not store.revoke(prefix, now):
        return False
    audit.append(Entry(now, actor, "key.revoked", f"key:{prefix}"))
    return True


class ApiKeyVerifier:
    """Verifies the `keys` of a service's store. It writes their last day of use once a day, in its own transaction."""

    def __init__(self, pepper: bytes, transactions: Transactions, clock: Clock) -> None:
        self._pepper = pepper
        self._transactions = transactions
        self._clock = clock

    def authenticate(self, secret: str) -> Principal:
        """Return the owner of a key. Raises NotAuthenticated, with one text for every reason."""
        now = self._clock()
        prefix = prefix_of(secret)
        if prefix is None:
            raise NotAuthenticated(sent=True)
        with self._transactions.read() as store:
            key = match_key(store.keys.find(prefix), secret, self._pepper, now)
        if key is None:
            raise NotAuthenticated(sent=True)
        today = now.date()
        if key.last_used is None or key.last_used < today:
            # A read-only database must not reject a valid key; its next use is recorded later.
            with suppress(ResourceUnavailable), self._transactions.work() as work:
                work.store.keys.used(prefix, today)
        return key.principal
