"""`concord audit list`."""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from heapq import merge
from typing import NamedTuple

import click

from concord_access.audit import BEFORE_ALL, PAGE, EntryFilter, Record, SqlAudit, shown
from concord_cli.audit.target import Chain, Target, has_audit, no_audit, target_options
from concord_cli.common.options import json_option, since_option
from concord_cli.common.service_database import open_connection
from concord_cli.common.terminal_text import plain

CHAIN_WIDTH, ACTOR_WIDTH, ACTION_WIDTH, SUBJECT_WIDTH = 12, 22, 20, 24


class ChainRecord(NamedTuple):
    """An entry with the name of its chain."""

    chain: str
    record: Record


@click.command(name="list")
@target_options
@since_option("Only entries since then: 30m, 2h or 7d ago, or 2026-11-22T18:20.")
@json_option("Print each entry as one line of JSON.")
def list_entries(target: Target, since: datetime | None, as_json: bool) -> None:
    """List audit entries, oldest first.

    Each line has time (UTC), service, actor, action, subject and details. The command does not verify the entries: see
    `concord audit verify`.

    \b
    Examples:
      concord audit list --since 7d
      concord audit list --service notification --json |
        jq 'select(.action == "webhook.added")'
      concord audit list --database "$CONCORD_DATABASE_URL"
    """
    chains = [chain for chain in target.chains() if _has_audit(chain)]
    if not chains:
        raise no_audit()
    view = _to_json if as_json else _to_line
    for entry in in_time_order(chains, since):
        click.echo(view(entry))


def in_time_order(chains: Sequence[Chain], since: datetime | None) -> Iterator[ChainRecord]:
    """Merge the chains by time. Entries of one chain keep their order, even if their times contradict it."""
    wanted = EntryFilter(since=since)
    return merge(*(_records(chain, wanted) for chain in chains), key=lambda entry: entry.record.at)


def _records(chain: Chain, wanted: EntryFilter) -> Iterator[ChainRecord]:
    """Read page by page, each in its own transaction, so that a slow reader blocks nobody."""
    after = BEFORE_ALL
    while True:
        with open_connection(chain.url, writing=False) as connection:
            page = SqlAudit(connection).records(after, PAGE, wanted)
        yield from (ChainRecord(chain.name, record) for record in page)
        if len(page) < PAGE:
            return
        after = page[-1].seq


def _has_audit(chain: Chain) -> bool:
    with open_connection(chain.url, writing=False) as connection:
        return has_audit(connection)


def _to_line(entry: ChainRecord) -> str:
    record = entry.record
    time = f"{record.at[:19].replace('T', ' ')}Z"
    details = "" if record.details == "{}" else record.details
    line = (
        f"{time}  {entry.chain:<{CHAIN_WIDTH}} {record.actor:<{ACTOR_WIDTH}} {record.action:<{ACTION_WIDTH}} "
        f"{record.subject:<{SUBJECT_WIDTH}} {details}"
    )
    return plain(line).rstrip()


def _to_json(entry: ChainRecord) -> str:
    return json.dumps({"chain": entry.chain, **shown(entry.record)})
