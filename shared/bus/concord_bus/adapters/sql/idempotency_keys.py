"""Claims of requests on idempotency keys, in a table of the service with the columns `key` and `claimed_at`."""

from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Table, bindparam, delete, select
from sqlalchemy.engine import Connection

from concord_bus.adapters.sql.dialect import insert_into


@cache
def claim_key(table: Table, dialect: str) -> Any:
    """Return the statement that stores a row if its key is free, or if the claim on it is from before `expired`.

    Its parameters are the columns of the table and `expired`.
    """
    names = [column.name for column in table.c]
    statement = insert_into(table, dialect).values({name: bindparam(name) for name in names})
    return statement.on_conflict_do_update(
        index_elements=["key"],
        set_={name: statement.excluded[name] for name in names if name != "key"},
        where=table.c.claimed_at < bindparam("expired", type_=table.c.claimed_at.type),
    )


def delete_expired_keys(connection: Connection, table: Table, expired: datetime, limit: int) -> int:
    """Delete at most `limit` keys with a claim from before `expired`, and return their number."""
    is_expired = table.c.claimed_at < expired
    keys = select(table.c.key).where(is_expired).limit(limit)
    # The delete repeats the condition: a request may have claimed the key again after the subquery.
    return connection.execute(delete(table).where(table.c.key.in_(keys), is_expired)).rowcount
