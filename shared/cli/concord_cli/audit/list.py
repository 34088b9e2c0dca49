"""`concord audit list`."""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from heapq import merge
from typing import NamedTuple

import click
from sqlalchemy import inspect

from concord_access.adapters.sql.audit_tables import audit_entries
from concord_access.audit import BEFORE_ALL, PAGE, EntryFilter, Record, SqlAudit, shown
from concord_cli.audit.target import Chain, Wanted, no_audit, wanted
from concord_cli.common.terminal_text import plain
from concord_cli.common.time_option import Moment
from concord_cli.token.target import opened

CHAIN_WIDTH, ACTOR_WIDTH, ACTION_WIDTH, SUBJECT_WIDTH = 12, 22, 20, 24


class Told(NamedTuple):
    """An entry and the chain that it is of."""

    chain: str
    record: Record


@click.command(name="list")
@wanted
@click.option("--since", type=Moment(), help="Only entries since: 30m, 2h, 7d, 2026-11-22T18:20.")
@click.option("--json", "json_wanted", is_flag=True, help="Print each entry whole, as one line of JSON.")
def list_entries(wanted: Wanted, since: datetime | None, json_wanted: bool) -> None:
    """List who did what, oldest first: time (UTC), service, who, what, on what, codes.

    It shows entries as they are stored; whether they are whole says `concord audit verify`.

    \b
    Examples:
      concord audit list --since 7d
      concord audit list --service notification --json | jq 'select(.action == "webhook.added")'
      concord audit list --database "$CONCORD_DATABASE_URL"
    """
    kept = [each for each in wanted.chains() if _kept(each)]
    if not kept:
        raise no_audit()
    show = _as_json if json_wanted else _as_line
    for told in in_order(kept, since):
        click.echo(show(told))


def in_order(kept: Sequence[Chain], since: datetime | None) -> Iterator[Told]:
    """Entries of several chains by their times; those of one chain in its order, whatever their times say."""
    wanted = EntryFilter(since=since)
    return merge(*(_entries(each, wanted) for each in kept), key=lambda each: each.record.at)


def _entries(chain: Chain, wanted: EntryFilter) -> Iterator[Told]:
    """In pages, each read on its own: nothing is held open while somebody reads."""
    after = BEFORE_ALL
    while True:
        with opened(chain.url, writing=False) as connection:
            page = SqlAudit(connection).records(after, PAGE, wanted)
        yield from (Told(chain.name, each) for each in page)
        if len(page) < PAGE:
            return
        after = page[-1].seq


def _kept(chain: Chain) -> bool:
    with opened(chain.url, writing=False) as connection:
        return inspect(connection).has_table(audit_entries.name)


def _as_line(told: Told) -> str:
    record = told.record
    when = f"{record.at[:19].replace('T', ' ')}Z"
    details = "" if record.details == "{}" else record.details
    line = (
        f"{when}  {told.chain:<{CHAIN_WIDTH}} {record.actor:<{ACTOR_WIDTH}} {record.action:<{ACTION_WIDTH}} "
        f"{record.subject:<{SUBJECT_WIDTH}} {details}"
    )
    return plain(line).rstrip()


def _as_json(told: Told) -> str:
    return json.dumps({"chain": told.chain, **shown(told.record)})
