"""Re-encrypt contacts, officer messages and webhook secrets under the newest key.

Set CONCORD_DATABASE_URL and CONCORD_VAULT_KEYS as for the service, the new key first, then the old ones. Then run
`python -m concord_notification.rotate_vault_keys`.

The service may run meanwhile with the same keys. After a run without unreadable rows you can drop the old keys.
"""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError

from concord_bus.adapters.sql.database import Database
from concord_bus.domain.errors import DatabaseUnavailable
from concord_bus.settings import SettingsError, required
from concord_notification.mail.vault import FernetVault, rewrap_all
from concord_notification.settings import vault_keys
from concord_notification.store import SqlStore


def rotate(env: Mapping[str, str]) -> tuple[int, int]:
    """Return the number of rows under the newest key, and of unreadable rows.

    Raises SettingsError, DatabaseUnavailable.
    """
    vault = FernetVault(vault_keys(env))
    database = Database(required(env, "CONCORD_DATABASE_URL"), SqlStore)

    @contextmanager
    def begin() -> Iterator[SqlStore]:
        with database.begin() as (_, store):
            yield store

    try:
        counts = [
            rewrap_all(begin, vault, SqlStore.sealed_contacts, SqlStore.reseal_contacts),
            rewrap_all(begin, vault, SqlStore.sealed_messages, SqlStore.reseal_messages),
            rewrap_all(
                begin,
                vault,
                lambda store, after, limit: store.webhooks.sealed(after, limit),
                lambda store, changes: store.webhooks.reseal(changes),
            ),
        ]
    finally:
        database.dispose()
    return sum(done for done, _ in counts), sum(unreadable for _, unreadable in counts)


def main() -> int:
    try:
        done, unreadable = rotate(os.environ)
    except (SettingsError, DatabaseUnavailable) as error:
        print(f"Cannot rotate the vault's keys: {error}", file=sys.stderr)
        return 2
    except DBAPIError as error:
        print(f"Cannot read the database ({error.orig}): correct CONCORD_DATABASE_URL.", file=sys.stderr)
        return 2
    print(f"{done} contacts, officer messages and endpoints are under the newest key.")
    if unreadable:
        print(f"No given key decrypts {unreadable} rows. Keep the old keys, and add the missing one.", file=sys.stderr)
    return 1 if unreadable else 0


if __name__ == "__main__":
    sys.exit(main())
