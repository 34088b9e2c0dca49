"""`concord audit verify`: whole chains pass; each fault is told with its entry and exit code 1."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text

from concord_access.adapters.sql import audit_tables
from concord_access.audit import Entry, SqlAudit
from concord_bus.adapters.sql.database import create_database_engine
from concord_bus.topology.declarations import SERVICES
from concord_cli.commands import concord

UNGUARD = [f"DROP TRIGGER audit_entries_{each}" for each in ("no_update", "no_delete", "at_the_end")]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home folder whose routing keeps an audit of four entries; the others keep none."""
    folder = tmp_path / "home"
    for service in SERVICES:
        (folder / service).mkdir(parents=True)
        (folder / service / f"{service}.db").touch()
    (folder / "home.json").write_text("{}")
    fill(folder, "routing", 4)
    return folder


def database(home: Path, service: str = "routing") -> str:
    return f"sqlite:///{home / service / f'{service}.db'}"


def fill(home: Path, service: str, count: int) -> None:
    engine = create_database_engine(database(home, service))
    with engine.begin() as connection:
        audit_tables.metadata.create_all(connection)
        for number in range(count):
            entry = Entry(datetime(2026, 3, 1, 9, number, tzinfo=UTC), "user:7f3a", "case.worked", f"case:{number}")
            SqlAudit(connection).append(entry)
    engine.dispose()


def vandalise(home: Path, *statements: str) -> None:
    engine = create_database_engine(database(home))
    with engine.begin() as connection:
        for statement in (*UNGUARD, *statements):
            connection.execute(text(statement))
    engine.dispose()


def verify(*arguments: str) -> Result:
    result = CliRunner().invoke(concord, ["audit", "verify", *arguments], prog_name="concord")
    assert "Traceback" not in result.output
    return result


def head_of(home: Path) -> str:
    head: str = json.loads(verify("--database", database(home), "--json").stdout)[0]["head"]
    return head


def test_every_service_with_an_audit(home):
    result = verify("--home", str(home))
    assert result.exit_code == 0
    assert result.stdout == (
        "intake: no audit\n"
        f"routing: 4 entries, whole. Head {head_of(home)}\n"
        "notification: no audit\n"
        "metrics: no audit\n"
    )


def test_the_head_that_is_printed_can_be_expected(home):
    head = head_of(home)
    assert head.startswith("4:")
    assert len(head) == 66
    fill(home, "routing", 2)
    for place in (("--home", str(home), "--service", "routing"), ("--database", database(home))):
        assert verify(*place, "--expect", head).exit_code == 0


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE audit_entries SET actor = 'operator' WHERE seq = 3", "entry 3: changed: its hash is not that of"),
        ("DELETE FROM audit_entries WHERE seq = 2", "entry 2: missing: no entry 2; the next is 3"),
        ("UPDATE audit_entries SET seq = 9 WHERE seq = 2", "entry 2: missing: no entry 2; the next is 3"),
        ("DELETE FROM audit_entries WHERE seq = 4", "entry 4: cut-off: the chain ends before it; 1 or more are gone"),
        ("DROP TABLE audit_entries", "entry 1: cut-off: the chain ends before it; 4 or more are gone"),
    ],
)
def test_each_fault_is_told_with_its_entry(home, statement, said):
    kept = head_of(home)
    vandalise(home, statement)
    result = verify("--home", str(home), "--service", "routing", "--expect", kept)
    assert result.exit_code == 1
    assert f"routing: {said}" in result.stdout
    assert "routing: BROKEN. Head " in result.stdout
    (said_in_json,) = json.loads(verify("--database", database(home), "--expect", kept, "--json").stdout)
    assert said_in_json["whole"] is False
    assert said_in_json["findings"][0]["line"] == int(said.split()[1].rstrip(":"))


def test_entries_that_changed_places(home):
    vandalise(
        home, *(f"UPDATE audit_entries SET seq = {new} WHERE seq = {old}" for old, new in ((2, 9), (3, 2), (9, 3)))
    )
    result = verify("--home", str(home))
    assert result.exit_code == 1
    assert "routing: entry 2: reordered: does not continue the entry before it" in result.stdout


def test_a_broken_chain_does_not_fill_the_screen(home):
    fill(home, "routing", 40)
    vandalise(home, "UPDATE audit_entries SET hash = 'x'")
    result = verify("--home", str(home))
    assert len([each for each in result.stdout.splitlines() if "entry" in each]) == 20
    assert "Head 44:x" in result.stdout


def test_an_audit_that_was_never_made(home):
    result = verify("--database", database(home, "intake"))
    assert (result.exit_code, result.stderr) == (
        1,
        "Error: No audit: start the service once to create its table.\n",
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--service", "routing", "--database", "sqlite:///x.db"), "--database and --service exclude each other"),
        (("--expect", "4:" + "a" * 64), "--expect needs --service or --database"),
        (("--expect", "4"), "a head looks like COUNT:HASH"),
        (("--service", "mailing"), "'mailing' is not one of"),
        (("--home", "."), "is not the home folder of a local run"),
        (("--database", "sqlite:////nowhere/x.db"), "No database at /nowhere/x.db"),
    ],
)
def test_wrong_calls(arguments, said, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = verify(*arguments)
    assert result.exit_code == 2
    assert said in result.stderr


def test_help_has_examples():
    assert "concord audit verify --service routing --expect" in verify("--help").output.partition("Examples")[2]
