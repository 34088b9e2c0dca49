"""The SQL repository of residents' encrypted contacts, and of the looks at their words and contacts."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import delete, select, tuple_
from sqlalchemy.engine import Connection

from concord_bus.adapters.sql.dialect import insert_into
from concord_routing.adapters.tables import contacts, looks
from concord_routing.domain.looks import Look
from concord_routing.domain.resident_words import SealedContact


class SqlResidents:
    """See `ports.Store`."""

    _connection: Connection

    def save_contacts(self, contacts: Sequence[SealedContact]) -> None:
        """Writes in one order, so that two processes never deadlock."""
        rows = [asdict(contact) for contact in sorted(contacts, key=lambda contact: contact.concern_id)]
        if rows:
            self._connection.execute(_keep_newest(self._connection.dialect.name), rows)

    def contact(self, concern_id: str) -> str | None:
        query = select(contacts.c.sealed).where(contacts.c.concern_id == concern_id)
        return self._connection.scalar(query)

    def last_look(self, case_id: str, actor: str, part: str) -> datetime | None:
        its = (looks.c.case_id == case_id, looks.c.actor == actor, looks.c.part == part)
        return self._connection.scalar(select(looks.c.at).where(*its))

    def note_look(self, look: Look) -> None:
        self._connection.execute(_note_look(self._connection.dialect.name), asdict(look))

    def delete_looks(self, before: datetime, limit: int) -> int:
        key = (looks.c.case_id, looks.c.actor, looks.c.part)
        old = self._connection.execute(select(*key).where(looks.c.at < before).limit(limit)).all()
        if old:
            self._connection.execute(delete(looks).where(tuple_(*key).in_([tuple(row) for row in old])))
        return len(old)


@cache
def _keep_newest(dialect: str) -> Any:
    statement = insert_into(contacts, dialect)
    new = statement.excluded
    changes = {"sequence": new.sequence, "sealed": new.sealed}
    later = contacts.c.sequence < new.sequence
    return statement.on_conflict_do_update(index_elements=["concern_id"], set_=changes, where=later)


@cache
def _note_look(dialect: str) -> Any:
    statement = insert_into(looks, dialect)
    return statement.on_conflict_do_update(
        index_elements=["case_id", "actor", "part"], set_={"at": statement.excluded.at}
    )
