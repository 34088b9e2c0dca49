"""The audit of changes on the broker: one entry in routing's chain for each, because a broker keeps none."""

import os
from datetime import UTC, datetime
from pathlib import Path

import click

from concord_access.domain.audit_entry import Code, Entry
from concord_bus.settings import SettingsError, optional
from concord_cli.common.audit_actor import actor
from concord_cli.common.database_urls import local_url, service_url
from concord_cli.common.errors import UsageError
from concord_cli.common.service_database import Store, open_store

SERVICE = "routing"
VARIABLE = "CONCORD_AUDIT_DATABASE_URL"
ABSENT = f"Not in the audit: set {VARIABLE} to the URL of routing's database."


class BrokerAudit:
    """Opened before a change, so that a database that is away is reported while nothing has changed yet."""

    def __init__(self, store: Store | None) -> None:
        """`store` is routing's, None for a machine that cannot reach it."""
        self._store = store

    def record(self, action: str, subject: str, **details: Code) -> None:
        """Append an entry, or say on standard error that there is none. Raises ClickException."""
        if self._store is None:
            click.echo(ABSENT, err=True)
            return
        entry = Entry(datetime.now(UTC), actor(), action, subject, details)
        try:
            self._store.write(lambda _, audit: audit.append(entry))
        except click.ClickException as error:
            raise click.ClickException(f"The change is done but not in the audit. {error.message}") from error
        finally:
            self._store.close()


def open_broker_audit(home: Path | None) -> BrokerAudit:
    """Return the audit in the database that the environment names, else in the local run's in `home`, if any.

    Raises UsageError, or ClickException for a database that is away.
    """
    try:
        url = optional(os.environ, VARIABLE)
    except SettingsError as error:
        raise UsageError(str(error)) from error
    if url:
        return BrokerAudit(open_store(SERVICE, service_url(SERVICE, url)))
    file = None if home is None else home / SERVICE / f"{SERVICE}.db"
    return BrokerAudit(open_store(SERVICE, local_url(SERVICE, home)) if home and file and file.is_file() else None)
