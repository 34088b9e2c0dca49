"""`concord token` and `concord audit` on a service's own database, SQLite and PostgreSQL."""

import json

from click.testing import CliRunner

from concord_access.adapters.sql.keys import SqlKeys
from concord_access.domain.api_key import prefix_of
from concord_cli.commands import concord

ENV = {"CONCORD_ACCESS_KEY": "p" * 40}


def call(*arguments):
    result = CliRunner().invoke(concord, list(arguments), env=ENV, prog_name="concord")
    assert "Traceback" not in result.output
    return result


def test_issue_list_revoke_verify(engine, databases):
    place = ("--database", databases)
    issued = call("token", "issue", "robot", "--role", "administrator", "--expires", "12h", *place)
    secret = issued.stdout.strip()
    with engine.begin() as connection:
        key = SqlKeys(connection).find(prefix_of(secret))
    assert (key.name, (key.expires_at - key.issued_at).total_seconds()) == ("robot", 12 * 3600)
    assert [key["state"] for key in json.loads(call("token", "list", "--json", *place).stdout)] == ["live"]
    assert call("token", "revoke", secret, *place).exit_code == 0
    assert [key["state"] for key in json.loads(call("token", "list", "--json", *place).stdout)] == ["revoked"]
    checked = call("audit", "verify", *place)
    assert checked.exit_code == 0
    assert checked.stdout.startswith("database: 2 entries, whole. Head 2:")
    head = checked.stdout.split()[-1]
    assert call("audit", "verify", *place, "--expect", head).exit_code == 0
    assert call("audit", "verify", *place, "--expect", f"3:{'a' * 64}").exit_code == 1


def test_a_server_that_is_not_there():
    result = call("token", "list", "--database", "postgresql+psycopg2://nobody:hidden-word@127.0.0.1:9/none")
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: The database cannot be used: ")
    assert result.stderr.count("\n") == 1
    assert "hidden-word" not in result.output
