"""`concord audit list`: the entries of all chains by time, for a person or a program."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text

from concord_access.adapters.sql import audit_tables
from concord_access.audit import Entry, SqlAudit
from concord_bus.adapters.sql.database import create_database_engine
from concord_bus.topology.declarations import SERVICES
from concord_cli.commands import concord

AT = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


class Home:
    """A home folder in which routing and notification keep an audit."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for service in SERVICES:
            (folder / service).mkdir(parents=True)
            (folder / service / f"{service}.db").touch()
        (folder / "home.json").write_text("{}")
        for minute in (1, 3):
            self.add("routing", AT + timedelta(minutes=minute), "case.worked", f"case:{minute}", version=minute)
        self.add("notification", AT + timedelta(minutes=2), "webhook.removed", "webhook:wh_1")

    def url(self, service: str) -> str:
        return f"sqlite:///{self.folder / service / f'{service}.db'}"

    def add(self, service: str, at: datetime, action: str, subject: str, **details: Any) -> None:
        engine = create_database_engine(self.url(service))
        with engine.begin() as connection:
            audit_tables.metadata.create_all(connection)
            SqlAudit(connection).append(Entry(at, "user:7f3a", action, subject, details))
        engine.dispose()

    def vandalise(self, statement: str) -> None:
        engine = create_database_engine(self.url("routing"))
        with engine.begin() as connection:
            connection.execute(text("DROP TRIGGER audit_entries_no_update"))
            connection.execute(text(statement))
        engine.dispose()

    def list(self, *arguments: str) -> Result:
        return listed("--home", str(self.folder), *arguments)


def listed(*arguments: str) -> Result:
    result = CliRunner().invoke(concord, ["audit", "list", *arguments], prog_name="concord")
    assert "Traceback" not in result.output
    return result


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    return Home(tmp_path / "home")


def test_entries_of_all_chains_in_the_order_of_time(home: Home) -> None:
    result = home.list()
    assert result.exit_code == 0
    assert [each.split() for each in result.stdout.splitlines()] == [
        ["2026-03-01", "09:01:00Z", "routing", "user:7f3a", "case.worked", "case:1", '{"version":1}'],
        ["2026-03-01", "09:02:00Z", "notification", "user:7f3a", "webhook.removed", "webhook:wh_1"],
        ["2026-03-01", "09:03:00Z", "routing", "user:7f3a", "case.worked", "case:3", '{"version":3}'],
    ]


def test_one_service_since_a_moment_for_a_program(home: Home) -> None:
    assert [json.loads(each)["subject"] for each in home.list("--json").stdout.splitlines()] == [
        "case:1",
        "webhook:wh_1",
        "case:3",
    ]
    (line,) = home.list("--service", "routing", "--since", "2026-03-01T09:02:30+00:00", "--json").stdout.splitlines()
    entry = json.loads(line)
    assert len(entry.pop("hash")) == len(entry.pop("previous")) == 64
    assert entry == {
        "chain": "routing",
        "seq": 2,
        "at": "2026-03-01T09:03:00.000000Z",
        "actor": "user:7f3a",
        "action": "case.worked",
        "subject": "case:3",
        "details": {"version": 3},
    }
    assert home.list("--since", "1h").stdout == ""


def test_more_than_a_page(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("concord_cli.audit.list.PAGE", 2)
    for minute in range(10, 13):
        home.add("routing", AT + timedelta(minutes=minute), "case.worked", f"case:{minute}")
    database = listed("--database", home.url("routing")).stdout.splitlines()
    assert [each.split()[5] for each in database] == ["case:1", "case:3", "case:10", "case:11", "case:12"]
    assert {each.split()[2] for each in database} == {"database"}


def test_what_a_vandal_wrote_is_shown_and_steers_no_terminal(home: Home) -> None:
    home.vandalise("UPDATE audit_entries SET details = '{broken' || char(27) || '[2J' WHERE seq = 1")
    assert "{broken\\x1b[2J" in home.list().stdout
    assert json.loads(home.list("--json").stdout.splitlines()[0])["details"] == "{broken\x1b[2J"


def test_without_an_audit(home: Home) -> None:
    result = home.list("--service", "intake")
    assert (result.exit_code, result.stderr) == (
        1,
        "Error: No audit: start the service once to create its table.\n",
    )


def test_wrong_calls_and_help(home: Home) -> None:
    both = listed("--service", "routing", "--database", "sqlite:///x.db")
    assert (both.exit_code, "exclude each other" in both.stderr) == (2, True)
    assert "is not a time: write 30m" in home.list("--since", "soon").stderr
    assert "concord audit list --since 7d" in listed("--help").output.partition("Examples")[2]
