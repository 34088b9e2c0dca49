"""Each change of a subscriber's rights is in routing's audit, if the command can reach its database."""

import json

import pytest
from click.testing import CliRunner
from subscriber_stage import PARKS, Broker

from concord_access.audit import SqlAudit
from concord_bus.adapters.sql.database import Database
from concord_bus.adapters.sql.migrate import upgrade
from concord_cli.commands import concord

SUBJECT = "subscriber:parks"


def entries(url: str) -> list[tuple[str, str, str, object]]:
    database = Database(url, SqlAudit)
    try:
        with database.read() as (_, audit):
            records = audit.records(-1, 100)
    finally:
        database.dispose()
    return [(row.actor, row.action, row.subject, json.loads(row.details)) for row in records]


def test_every_change_has_its_entry(city: Broker, sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    upgrade(sqlite_url, "concord_routing")
    monkeypatch.setenv("CONCORD_AUDIT_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("SUDO_UID", "1234")
    city.add("parks")
    city.concord("add", "parks", "--update", "--types", "concern.routed.v1")
    for command in ("rotate", "suspend", "resume"):
        city.concord(command, "parks")
    city.concord("show", "parks")
    city.concord("remove", "parks", "--yes")
    sizes = {"types": 2, "areas": 2, "categories": 1, "replay_days": 0}
    assert entries(sqlite_url) == [
        ("cli:1234", "subscriber.added", SUBJECT, sizes),
        ("cli:1234", "subscriber.changed", SUBJECT, sizes | {"types": 1, "areas": None, "categories": None}),
        ("cli:1234", "subscriber.rotated", SUBJECT, {"connections_kept": False}),
        ("cli:1234", "subscriber.suspended", SUBJECT, {}),
        ("cli:1234", "subscriber.resumed", SUBJECT, {}),
        ("cli:1234", "subscriber.removed", SUBJECT, {"messages": 0}),
    ]


def test_an_audit_that_is_away_is_said_before_anything_changes(city: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONCORD_AUDIT_DATABASE_URL", "sqlite:////no/such/routing.db")
    said = city.concord("add", "parks", "--types", "concern.routed.v1", code=2)
    assert "No database at /no/such/routing.db" in said
    assert city.concord("list") == []


def test_without_a_database_the_command_says_that_there_is_no_entry(city: Broker) -> None:
    place = ["--management", city.node.management_login, "--vhost", city.vhost]
    added = CliRunner().invoke(concord, ["subscriber", "add", "parks", *PARKS[:2], *place])
    assert added.exit_code == 0
    assert "Not in the audit: set CONCORD_AUDIT_DATABASE_URL" in added.stderr


def test_the_topology_is_in_the_audit(city: Broker, sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    upgrade(sqlite_url, "concord_routing")
    monkeypatch.setenv("CONCORD_AUDIT_DATABASE_URL", sqlite_url)
    call = ["topology", "apply", "--management", city.node.management_login, "--vhost", city.vhost]
    assert CliRunner().invoke(concord, call).exit_code == 0
    [(_, action, subject, details)] = entries(sqlite_url)
    assert (action, subject, details) == ("topology.applied", "broker:topology", {"logins": 0, "removed_bindings": 0})
