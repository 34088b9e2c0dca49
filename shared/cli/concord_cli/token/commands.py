"""`concord token`: API keys for scripts and for people."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from sqlalchemy import inspect
from sqlalchemy.engine import Connection

from concord_access import Action, InvalidGrant, Role
from concord_access.adapters.sql import audit_tables, key_tables
from concord_access.adapters.sql.audit import SqlAudit
from concord_access.adapters.sql.keys import SqlKeys
from concord_access.api_keys import issue as issue_key
from concord_access.api_keys import revoke as revoke_key
from concord_access.domain.api_key import Wish, prefix_of
from concord_cli.common.audit_actor import actor
from concord_cli.common.errors import UsageError
from concord_cli.token.options import LIFE, as_json, place
from concord_cli.token.output import described, lines
from concord_cli.token.target import Failed, opened, pepper


@click.group()
def token() -> None:
    """API keys: issue, list, revoke.

    A key acts with a role, for teams, in areas, with actions. Two keys of one name can live at once, so that a new
    one is in use before the old one is revoked.
    """


@token.command()
@click.argument("name")
@click.option("--role", type=click.Choice([str(each) for each in Role]), required=True, help="What its holder is.")
@click.option(
    "--team", "teams", multiple=True, help="Team it acts for; may be repeated. Officers and supervisors need one."
)
@click.option("--area", "areas", multiple=True, help="Area it acts in; may be repeated.  [default: every one]")
@click.option(
    "--action",
    "actions",
    multiple=True,
    type=click.Choice([str(each) for each in Action]),
    help="Action it is granted; may be repeated.  [default: all of its role]",
)
@click.option("--expires", "life", type=LIFE, default="90d", show_default=True, help="Its life: 12h, 90d, 26w.")
@place
@as_json
def issue(
    name: str,
    role: str,
    teams: tuple[str, ...],
    areas: tuple[str, ...],
    actions: tuple[str, ...],
    life: Any,
    url: str,
    home: Path | None,
    json_wanted: bool,
) -> None:
    """Issue a key called NAME and show its secret, once: it is kept nowhere.

    The secret alone goes to standard output. Services recognise it with the server key in CONCORD_ACCESS_KEY (in a
    local run: the home folder's keys/access).

    \b
    Examples:
      concord token issue night-desk --role officer --team district-B2
      KEY=$(concord token issue nightly-report --role auditor --action case:read --expires 26w)
      concord token issue robot --role administrator --json --database "$CONCORD_DATABASE_URL"
    """
    granted = frozenset(Action(each) for each in actions)
    wish = Wish(name, Role(role), frozenset(teams), frozenset(areas), granted, life)
    with opened(url, writing=True) as connection:
        store = _store(connection)
        server_key = pepper(home, new=next(store.all(), None) is None)
        try:
            secret, key = issue_key(store, SqlAudit(connection), wish, server_key, actor(), datetime.now(UTC))
        except InvalidGrant as error:
            option = "NAME" if error.field == "name" else f"--{error.field}"
            raise UsageError(f"{option}: {error}") from error
    if json_wanted:
        click.echo(json.dumps({"key": secret, **described(key, key.issued_at)}, indent=2))
        return
    click.echo(secret)
    click.echo(f"Key {key.prefix} of {name}, {role}, until {key.expires_at:%Y-%m-%d %H:%M} UTC.", err=True)
    click.echo("Keep it now: it is not shown again. Send it as Authorization: Bearer.", err=True)


@token.command(name="list")
@place
@as_json
def list_keys(url: str, home: Path | None, json_wanted: bool) -> None:
    """List all keys with what they may do and when they were last used; never a secret.

    \b
    Examples:
      concord token list
      concord token list --json --database "$CONCORD_DATABASE_URL"
    """
    with opened(url, writing=False) as connection:
        there = inspect(connection).has_table(key_tables.api_keys.name)
        found = list(SqlKeys(connection).all()) if there else []
    now = datetime.now(UTC)
    if json_wanted:
        click.echo(json.dumps([described(each, now) for each in found], indent=2))
    else:
        click.echo("\n".join(lines(found, now)) or "No key was issued yet: concord token issue --help")


@token.command()
@click.argument("prefix")
@place
def revoke(prefix: str, url: str, home: Path | None) -> None:
    """Revoke the key with PREFIX (the part between the underscores; the whole key will do). It fails from now on.

    \b
    Example:
      concord token revoke 7Hk2mQ9x
    """
    wanted = prefix_of(prefix) or prefix.removeprefix("ck_")
    with opened(url, writing=True) as connection:
        if not revoke_key(_store(connection), SqlAudit(connection), wanted, actor(), datetime.now(UTC)):
            raise Failed("There is no such live key: see concord token list.")
    click.echo(f"Revoked {wanted}.")


def _store(connection: Connection) -> SqlKeys:
    """The keys; their tables and the audit's are made when the service has not done so yet."""
    key_tables.metadata.create_all(connection)
    audit_tables.metadata.create_all(connection)
    return SqlKeys(connection)
