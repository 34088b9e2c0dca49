"""`concord token` and its sub-commands."""

from datetime import UTC, datetime, timedelta

import click
from sqlalchemy import inspect
from sqlalchemy.engine import Connection

from concord_access import Action, InvalidGrant, Role
from concord_access.adapters.sql import audit_tables, key_tables
from concord_access.adapters.sql.audit import SqlAudit
from concord_access.adapters.sql.keys import SqlKeys
from concord_access.api_keys import issue as issue_key
from concord_access.api_keys import revoke as revoke_key
from concord_access.domain.api_key import NewApiKey, prefix_of
from concord_cli.common.audit_actor import actor
from concord_cli.common.errors import UsageError
from concord_cli.common.options import JSON
from concord_cli.common.service_database import open_connection
from concord_cli.common.terminal_text import echo
from concord_cli.common.time_option import DURATION
from concord_cli.token.grant_check import check_usable, unknown_codes
from concord_cli.token.options import Target, target_options
from concord_cli.token.output import key_table, to_json
from concord_cli.token.server_key import server_key

ROLE = click.Choice([str(role) for role in Role])
ACTION = click.Choice([str(action) for action in Action])


@click.group()
def token() -> None:
    """Manage API keys: issue, list and revoke them.

    A key has a role, teams, areas and actions. Two keys of one name can live at once, so you can replace a key
    without a gap.

    \b
    Examples:
      concord token issue night-desk --role officer --team district-B2
      concord token list
    """


@token.command()
@click.argument("name")
@click.option("--role", type=ROLE, required=True, help="Role of the holder.")
@click.option("--team", "teams", multiple=True, help="Team (repeatable). Officers and supervisors need one.")
@click.option("--area", "areas", multiple=True, help="Area (repeatable).  [default: all]")
@click.option(
    "--action",
    "actions",
    multiple=True,
    type=ACTION,
    metavar="ACTION",
    help=f"Action (repeatable): {', '.join(ACTION.choices)}.  [default: all of the role]",
)
@click.option(
    "--expires", "life", type=DURATION, default="90d", show_default=True, help="Lifetime: 12h, 90d, 26w; up to 366d."
)
@target_options
@JSON
def issue(
    name: str,
    role: str,
    teams: tuple[str, ...],
    areas: tuple[str, ...],
    actions: tuple[str, ...],
    life: timedelta,
    target: Target,
    as_json: bool,
) -> None:
    """Issue an API key called NAME and print it once.

    The database stores only a hash. Standard output contains only the key. The services recognise it with the server
    key in CONCORD_ACCESS_KEY, or in keys/access in the home folder of a local run. Routing alone accepts API keys.

    \b
    Examples:
      concord token issue night-desk --role officer --team district-B2
      KEY=$(concord token issue report --role auditor --expires 26w)
      concord token issue robot --role administrator --json \\
                          --database "$CONCORD_DATABASE_URL"
    """
    grant = frozenset(Action(action) for action in actions)
    check_usable(target.service, grant)
    for warning in unknown_codes(target.home, teams, areas):
        click.echo(warning, err=True)
    wish = NewApiKey(name, Role(role), frozenset(teams), frozenset(areas), grant, life)
    with open_connection(target.url, writing=True) as connection:
        store = _store(connection)
        pepper = server_key(target.home, create=next(store.all(), None) is None)
        try:
            secret, key = issue_key(store, SqlAudit(connection), wish, pepper, actor(), datetime.now(UTC))
        except InvalidGrant as error:
            option = "NAME" if error.field == "name" else f"--{error.field}"
            raise UsageError(f"{option}: {error}") from error
    echo({"key": secret, **to_json(key, key.issued_at)}, secret, as_json=as_json)
    if not as_json:
        click.echo(f"Key {key.prefix} of {name}, {role}, until {key.expires_at:%Y-%m-%d %H:%M} UTC.", err=True)
        click.echo("Store it now: it is not shown again. Send it as Authorization: Bearer.", err=True)


@token.command(name="list")
@target_options
@JSON
def list_keys(target: Target, as_json: bool) -> None:
    """List all API keys with their grants and last use, without secrets.

    \b
    Examples:
      concord token list
      concord token list --json --database "$CONCORD_DATABASE_URL"
    """
    with open_connection(target.url, writing=False) as connection:
        exists = inspect(connection).has_table(key_tables.api_keys.name)
        keys = list(SqlKeys(connection).all()) if exists else []
    now = datetime.now(UTC)
    echo([to_json(key, now) for key in keys], key_table(keys, now), as_json=as_json)


@token.command()
@click.argument("prefix")
@target_options
def revoke(prefix: str, target: Target) -> None:
    """Revoke the API key with PREFIX immediately.

    PREFIX is the part between the underscores. You can also give the whole key.

    \b
    Example:
      concord token revoke 7Hk2mQ9x
    """
    key_prefix = prefix_of(prefix) or prefix.removeprefix("ck_")
    with open_connection(target.url, writing=True) as connection:
        if not revoke_key(_store(connection), SqlAudit(connection), key_prefix, actor(), datetime.now(UTC)):
            raise click.ClickException("No such live key: see concord token list.")
    click.echo(f"Revoked {key_prefix}.")


def _store(connection: Connection) -> SqlKeys:
    """Return the keys. Creates their tables and the audit's, if the service has not done so yet."""
    key_tables.metadata.create_all(connection)
    audit_tables.metadata.create_all(connection)
    return SqlKeys(connection)
