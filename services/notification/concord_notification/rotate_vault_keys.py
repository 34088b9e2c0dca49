"""Re-encrypt contacts, officer messages and webhook secrets under the newest key.

Run `python -m concord_notification.rotate_vault_keys`.

Give CONCORD_DATABASE_URL and CONCORD_VAULT_KEYS (the new key first, then the old ones) as to the service. It may run
meanwhile if it has the same keys. When all are done, the old keys can go.
"""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from concord_bus.adapters.sql.database import Database
from concord_bus.domain.errors import DatabaseUnavailable
from concord_bus.settings import SettingsError, required
from concord_notification.mail.vault import FernetVault, rewrap
from concord_notification.notices.adapters.repository import SqlStore
from concord_notification.notices.ports import Store
from concord_notification.settings import vault_keys
from concord_notification.webhooks.adapters import vault as webhooks
from concord_notification.webhooks.ports import Webhooks


def rotate(env: Mapping[str, str]) -> tuple[int, int]:
    """How much was put under the newest key, and how much no key opens. Raises SettingsError, DatabaseUnavailable."""
    keys = vault_keys(env)
    database = Database(required(env, "CONCORD_DATABASE_URL"), SqlStore)

    @contextmanager
    def begin() -> Iterator[Store]:
        with database.begin() as (_, store):
            yield store

    @contextmanager
    def begin_webhooks() -> Iterator[Webhooks]:
        with begin() as store:
            yield store.webhooks  # type: ignore[attr-defined]

    try:
        contacts = rewrap(begin, FernetVault(keys))
        secrets = webhooks.rewrap(begin_webhooks, webhooks.SealedConfidences(keys))
        return contacts[0] + secrets[0], contacts[1] + secrets[1]
    finally:
        database.dispose()


def main() -> int:
    try:
        done, unreadable = rotate(os.environ)
    except (SettingsError, DatabaseUnavailable) as error:
        print(f"The vault's keys were not rotated: {error}", file=sys.stderr)
        return 2
    print(f"{done} contacts, words and endpoints are under the newest key.")
    if unreadable:
        print(f"{unreadable} are under a key that was not given: keep the old keys.", file=sys.stderr)
    return 1 if unreadable else 0


if __name__ == "__main__":
    sys.exit(main())
