"""The audit for services: append within your own transaction, and verify a whole chain.

    with bus.work() as work:
        ...
        work.store.audit.append(Entry(work.now, principal.subject, "case.resolved", f"case:{case_id}"))

The service's store holds `SqlAudit(connection)`.
"""

import contextlib
import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from concord_access.adapters.sql.audit import SqlAudit
from concord_access.domain.audit_entry import ACTION_FORM, ID_FORM, Code, Entry, as_code, write_moment
from concord_access.domain.audit_filter import EntryFilter
from concord_access.domain.hash_chain import Finding, Head, Record, Verifier
from concord_access.ports import AuditLog

PAGE = 1000
BEFORE_ALL = -(2**63)
"""Lower than every entry number, even one that an attacker inserted."""


def verify_log(log: AuditLog, verifier: Verifier, page: int = PAGE) -> Iterator[Finding]:
    """Yield the faults of a stored chain, in pages of bounded size. Afterwards `verifier.head` is the end of the
    chain."""
    after = BEFORE_ALL
    while records := log.records(after, page):
        yield from verifier.read(records)
        after = records[-1].seq
    yield from verifier.end()


def shown(record: Record) -> dict[str, Any]:
    """Return an entry as a JSON object. Tampered `details` that are not JSON stay a text."""
    fields = asdict(record)
    with contextlib.suppress(ValueError):
        fields["details"] = json.loads(record.details)
    return fields
