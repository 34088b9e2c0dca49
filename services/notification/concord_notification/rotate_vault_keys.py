"""Re-encrypt contacts, officer messages and webhook secrets under the newest key.

Set CONCORD_DATABASE_URL and CONCORD_VAULT_KEYS as for the service, the new key first, then the old ones. Then run
`python -m concord_notification.rotate_vault_keys`.

The service may run meanwhile with the same keys. After a run without unreadable rows you can drop the old keys.
"""

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Column, ColumnElement, Row, and_, bindparam, select, true, update
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

from concord_bus.adapters.sql.database import Database
from concord_bus.domain.errors import DatabaseUnavailable
from concord_bus.settings import SettingsError, required
from concord_notification.mail.ports import VaultUnreadable
from concord_notification.mail.vault import FernetVault
from concord_notification.mail.vault_keys import vault_keys
from concord_notification.notices.adapters.tables import concerns, words
from concord_notification.webhooks.adapters.tables import endpoints

PAGE = 200


@dataclass(frozen=True, slots=True)
class Ciphertexts:
    """The column `sealed` of the table with this key. `condition` selects the rows with a ciphertext."""

    key: Column[str]
    condition: ColumnElement[bool]

    def after(self, key: str, limit: int, connection: Connection) -> Sequence[Row[str, str]]:
        """Return `(key, sealed)` rows by ascending key, from `key` on (exclusive)."""
        rows = select(self.key, self.key.table.c.sealed).where(self.condition, self.key > key)
        return connection.execute(rows.order_by(self.key).limit(limit)).all()

    def replace(self, changes: Sequence[Mapping[str, str]], connection: Connection) -> None:
        """Write `new` to each row with the key `row` that still has the ciphertext `old`."""
        if changes:
            unchanged = and_(self.key == bindparam("row"), self.key.table.c.sealed == bindparam("old"))
            connection.execute(update(self.key.table).where(unchanged).values(sealed=bindparam("new")), changes)


CONTACTS = Ciphertexts(concerns.c.concern_id, concerns.c.contact_id.is_not(None))
OFFICER_MESSAGES = Ciphertexts(words.c.cause_id, true())
WEBHOOK_SECRETS = Ciphertexts(endpoints.c.id, true())


def rotate(env: Mapping[str, str]) -> tuple[int, int]:
    """Return the number of rows under the newest key, and of unreadable rows.

    Raises SettingsError, DatabaseUnavailable.
    """
    vault = FernetVault(vault_keys(env))
    database = Database(required(env, "CONCORD_DATABASE_URL"), lambda connection: connection)
    try:
        counts = [rewrap_all(each, vault, database) for each in (CONTACTS, OFFICER_MESSAGES, WEBHOOK_SECRETS)]
    finally:
        database.dispose()
    return sum(done for done, _ in counts), sum(unreadable for _, unreadable in counts)


def rewrap_all(ciphertexts: Ciphertexts, vault: FernetVault, database: Database) -> tuple[int, int]:
    """Put every row of one table under the newest key. Return the number of rows done and of unreadable rows.

    Each page is one transaction. Afterwards you can drop the old keys: new rows are under the newest key already.
    """
    done = unreadable = 0
    after = ""
    while True:
        with database.begin() as (_, connection):
            page = ciphertexts.after(after, PAGE, connection)
            changes = []
            for row, old in page:
                try:
                    changes.append({"row": row, "old": old, "new": vault.rewrap(old)})
                except VaultUnreadable:
                    unreadable += 1
            ciphertexts.replace(changes, connection)
        if not page:
            return done, unreadable
        done += len(changes)
        after = page[-1][0]


def main() -> int:
    try:
        done, unreadable = rotate(os.environ)
    except SettingsError as error:
        print(f"Cannot rotate the vault's keys: {error}", file=sys.stderr)
        return 2
    except DatabaseUnavailable as error:
        print(f"The database {error.problem}: correct CONCORD_DATABASE_URL, or mend the database.", file=sys.stderr)
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
