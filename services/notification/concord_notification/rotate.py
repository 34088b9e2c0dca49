"""Put every contact under the newest key of the vault: `python -m concord_notification.rotate`.

Give CONCORD_DATABASE_URL and CONCORD_VAULT_KEYS (the new key first, then the old ones) as to the service. It may run
meanwhile if it has the same keys. When all contacts are done, the old keys can go.
"""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from concord_bus.adapters.sql.database import Database
from concord_bus.config import SettingsError, required
from concord_bus.domain.errors import StoreAway
from concord_notification.adapters.sql import SqlStore
from concord_notification.adapters.vault import FernetVault, rewrap
from concord_notification.config import vault_keys
from concord_notification.ports import Store


def rotate(env: Mapping[str, str]) -> tuple[int, int]:
    """How many contacts were put under the newest key, and how many no key opens. Raises SettingsError, StoreAway."""
    vault = FernetVault(vault_keys(env))
    database = Database(required(env, "CONCORD_DATABASE_URL"), SqlStore)

    @contextmanager
    def begin() -> Iterator[Store]:
        with database.begin() as (_, store):
            yield store

    try:
        return rewrap(begin, vault)
    finally:
        database.dispose()


def main() -> int:
    try:
        done, unreadable = rotate(os.environ)
    except (SettingsError, StoreAway) as error:
        print(f"The vault's keys were not rotated: {error}", file=sys.stderr)
        return 2
    print(f"{done} contacts are under the newest key.")
    if unreadable:
        print(f"{unreadable} contacts are under a key that was not given: keep the old keys.", file=sys.stderr)
    return 1 if unreadable else 0


if __name__ == "__main__":
    sys.exit(main())
