"""`concord parked` on a service's SQLite file: what it finds, refuses, changes and notes down."""

import json
import stat
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from tests.memory.bus import memory_codec

from concord_access.adapters.sql import audit_tables
from concord_access.audit import SqlAudit
from concord_bus.adapters.sql.database import Database
from concord_bus.adapters.sql.tables import metadata
from concord_bus.domain.delivery import ACCEPTED_TYPE, Delivery
from concord_bus.domain.parked_messages import ParkedFilter, subject_of
from concord_cli.commands import concord
from concord_cli.common import service_database
from concord_cli.common.audit_actor import actor
from concord_cli.common.database_urls import service_url
from concord_cli.common.terminal_text import plain
from concord_cli.parked.actions import os_user
from concord_contracts import Event, new_event
from concord_contracts.messages import ConcernReceived, ConcernSubmitted

NOW = datetime.now(UTC)
CODEC = memory_codec()


class Service:
    """The database of metrics in a home folder, as the service keeps it."""

    def __init__(self, home: Path) -> None:
        self.home = home
        (home / "metrics").mkdir(parents=True)
        self.url = f"sqlite:///{home}/metrics/metrics.db"
        self.now = NOW
        self.database = Database(self.url, SqlAudit, lambda: self.now)
        metadata.create_all(self.database.engine)
        audit_tables.metadata.create_all(self.database.engine)

    def park(self, delivery: Delivery, reason: str = "as ordered", event: Event[Any] | None = None) -> int:
        with self.database.begin() as (tx, _):
            tx.park(delivery, reason, 3, event)
            return tx.find_parked(ParkedFilter(), 1)[0].id

    def look(self) -> tuple[int, int]:
        """How many wait and how many are parked."""
        with self.database.read() as (tx, _):
            return tx.depths().waiting, tx.depths().parked

    def notes(self, number: int) -> list[tuple[str, str, str]]:
        with self.database.read() as (tx, _):
            return [(each.action, each.actor, each.note) for each in tx.actions_on(subject_of(number))]

    def audited(self) -> list[tuple[str, str, str, str]]:
        with self.database.read() as (_, audit):
            return [(each.actor, each.action, each.subject, each.details) for each in audit.records()]

    def call(self, *arguments: str, say: str | None = None) -> Result:
        called = ["parked", *arguments, "--home", str(self.home)]
        return CliRunner().invoke(concord, called, input=say, prog_name="concord")

    def json(self, *arguments: str) -> Any:
        return json.loads(self.call(*arguments, "--json").stdout)


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    made = Service(tmp_path / "home")
    yield made
    made.database.dispose()


def public(concern: str = "c1") -> Event[Any]:
    data = ConcernReceived(
        concern_id=concern, category="noise", channel="web", received_at=NOW, occurred_at=None, place="none", point=None
    )
    return new_event(data, sequence=1, time=NOW)


def sealed() -> Event[Any]:
    data = ConcernSubmitted(
        concern_id="c2",
        category="noise",
        channel="web",
        description="Loud music",
        language="en",
        received_at=NOW,
        occurred_at=None,
        point=None,
        address=None,
    )
    return new_event(data, sequence=1, time=NOW)


def delivery(event: Event[Any]) -> Delivery:
    encoded = CODEC.encode(event)
    properties = {"content_type": ACCEPTED_TYPE}
    return Delivery("metrics.events", encoded.exchange, encoded.routing_key, encoded.body, {"x-try": 1}, properties)


BROKEN = replace(delivery(public()), body=b"{\xff\x00", routing_key="concern.received.v1._.noise")


def test_an_empty_list(service: Service) -> None:
    assert service.call("list", "metrics").stdout == "No matching parked messages.\n"
    assert service.json("list", "metrics") == {"service": "metrics", "parked": [], "next": None}


def test_the_list_is_a_line_for_each_message_newest_first(service: Service) -> None:
    event = public()
    first = service.park(delivery(event), event=event)
    second = service.park(BROKEN, "invalid JSON: \x1b[31m")
    lines = service.call("list", "metrics").stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["ID", str(second), str(first)]
    assert lines[1].endswith("3  (concern.received.v1)         invalid JSON: \\x1b[31m")
    assert lines[2].endswith("3  concern.received.v1           as ordered")


def test_pages_follow_one_another(service: Service) -> None:
    ids = [service.park(delivery(public(f"c{each}"))) for each in range(3)]
    page = service.call("list", "metrics", "--limit", "2")
    assert page.stdout.splitlines()[-1] == f"More: repeat with --after {ids[1]}"
    answer = service.json("list", "metrics", "--limit", "2")
    assert ([each["id"] for each in answer["parked"]], answer["next"]) == ([ids[2], ids[1]], ids[1])
    rest = service.json("list", "metrics", "--limit", "2", "--after", str(ids[1]))
    assert ([each["id"] for each in rest["parked"]], rest["next"]) == ([ids[0]], None)


def test_filters_of_the_list(service: Service) -> None:
    service.now = NOW - timedelta(hours=3)
    old = service.park(BROKEN, "invalid JSON")
    service.now = NOW
    event = public()
    new = service.park(delivery(event), event=event)
    for arguments, wanted in (
        (["--since", "2h"], [new]),
        (["--reason", "json"], [old]),
        (["--type", "concern.*"], [new, old]),
        (["--type", "promise.*"], []),
    ):
        assert [each["id"] for each in service.json("list", "metrics", *arguments)["parked"]] == wanted


def test_show_tells_all_of_a_message(service: Service) -> None:
    event = public()
    number = service.park(delivery(event), event=event)
    said = service.call("show", "metrics", str(number)).stdout
    for part in ("as ordered", event.id, "metrics.events", "x-try", "application/cloudevents+json", "possible"):
        assert part in said
    assert '"concern_id": "c1"' in said
    assert "sealed" not in said


def test_sealed_data_stay_sealed(service: Service) -> None:
    event = sealed()
    number = service.park(delivery(event), event=event)
    said = service.call("show", "metrics", str(number)).stdout
    assert "The data are encrypted: only the recipient can decrypt them." in said
    assert "Loud music" not in said
    assert service.json("show", "metrics", str(number))["sealed"] is True


def test_a_body_that_is_no_json_is_written_byte_for_byte(service: Service, tmp_path: Path) -> None:
    number, file = service.park(BROKEN, "invalid JSON"), tmp_path / "raw"
    shown = service.call("show", "metrics", str(number), "--raw", str(file))
    assert "3 bytes, not JSON; --raw FILE" in shown.stdout
    assert "would fail: invalid JSON" in shown.stdout
    assert file.read_bytes() == BROKEN.body
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    again = service.call("show", "metrics", str(number), "--raw", str(file))
    assert (again.exit_code, again.stderr) == (2, f"Error: {file} already exists: choose another file for --raw.\n")
    assert service.json("show", "metrics", str(number))["body"] is None


def test_a_replayed_message_waits_and_the_note_says_who_and_why(service: Service) -> None:
    event = public()
    number = service.park(delivery(event), event=event)
    done = service.call("replay", "metrics", str(number), "--why", "areas corrected")
    assert (done.exit_code, done.stdout) == (0, f"{number}: replayed\n1 of 1 parked message done.\n")
    assert service.look() == (1, 0)
    assert service.notes(number) == [("replay", os_user(), "areas corrected")]
    assert f"{os_user()}: replay (areas corrected)" in service.call("show", "metrics", str(number)).stdout
    again = service.call("replay", "metrics", str(number))
    assert (again.exit_code, again.stderr) == (1, f"{number}: refused: it was already replayed\n")
    assert len(service.notes(number)) == 1
    assert service.audited() == [(actor(), "parked.replayed", f"parked:{number}", "{}")]


def test_what_can_never_be_read_is_refused_unless_forced(service: Service) -> None:
    number = service.park(BROKEN, "invalid JSON")
    refused = service.call("replay", "metrics", str(number))
    assert refused.exit_code == 1
    assert refused.stderr.startswith(f"{number}: refused: invalid JSON")
    assert service.look() == (0, 1)
    assert service.notes(number) == service.audited() == []
    assert service.call("replay", "metrics", str(number), "--force").exit_code == 0
    assert service.audited() == [(actor(), "parked.replayed", f"parked:{number}", '{"forced":true}')]
    assert service.look() == (1, 0)
    assert service.notes(number) == [("replay by force", os_user(), "")]


def test_what_was_parked_longer_ago_than_the_inbox_remembers_is_refused(service: Service) -> None:
    service.now = NOW - timedelta(days=31)
    event = public()
    number = service.park(delivery(event), event=event)
    assert "it could take effect twice" in service.call("replay", "metrics", str(number)).stderr
    assert service.look() == (0, 1)


def test_all_that_have_a_reason_are_replayed_in_the_order_they_came(service: Service) -> None:
    wanted = [service.park(delivery(public(f"c{each}")), "no team") for each in range(3)]
    other = service.park(delivery(public("c9")), "another")
    asked = service.call("replay", "metrics", "--all", "--reason", "team", say="n\n")
    assert (asked.exit_code, service.look()) == (1, (0, 4))
    assert "Replay 3 parked messages of metrics? [y/N]" in asked.stderr
    done = service.json("replay", "metrics", "--all", "--reason", "team", "--yes")
    assert [(each["id"], each["result"]) for each in done["messages"]] == [(each, "replayed") for each in wanted]
    assert service.look() == (3, 1)
    assert service.json("list", "metrics")["parked"][0]["id"] == other


def test_more_than_a_chunk_shows_progress(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("concord_cli.parked.actions.CHUNK", 2)
    for each in range(5):
        service.park(delivery(public(f"c{each}")))
    done = service.call("replay", "metrics", "--all", "--yes")
    assert done.stderr.splitlines() == ["2 of 5", "4 of 5", "5 of 5"]
    assert service.look() == (5, 0)
    assert [each[2] for each in service.audited()] == [f"parked:{number}" for number in range(1, 6)]


def test_a_message_is_dropped_with_a_reason(service: Service) -> None:
    number = service.park(BROKEN)
    assert service.call("drop", "metrics", str(number)).exit_code == 2
    assert service.call("drop", "metrics", str(number), "--why", "  ").exit_code == 2
    done = service.call("drop", "metrics", str(number), str(number + 1), "--why", "a load test")
    assert done.exit_code == 1
    assert done.stdout == f"{number}: dropped\n1 of 2 parked messages done.\n"
    assert done.stderr == f"{number + 1}: refused: no such message\n"
    assert service.look() == (0, 0)
    assert service.notes(number) == [("drop", os_user(), "a load test")]
    assert service.audited() == [(actor(), "parked.dropped", f"parked:{number}", "{}")]


def test_a_dropped_message_is_shown_until_it_is_deleted_and_who_dropped_it_after_that(service: Service) -> None:
    number = service.park(BROKEN)
    service.call("drop", "metrics", str(number), "--why", "a load test")
    assert service.json("show", "metrics", str(number))["status"] == "dropped"
    with service.database.begin() as (tx, _):
        assert tx.delete_settled(NOW.timestamp() + 86400) == 1
    gone = service.call("show", "metrics", str(number))
    assert gone.exit_code == 1
    assert f"metrics has deleted message {number}, some time after its replay or drop:" in gone.stderr
    assert f"{os_user()}: drop (a load test)" in gone.stderr
    assert service.audited() == [(actor(), "parked.dropped", f"parked:{number}", "{}")]


def test_without_its_entry_nothing_is_replayed(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    number = service.park(delivery(public()))

    def broken(*_: Any) -> Any:
        raise RuntimeError

    with monkeypatch.context() as patched:
        patched.setattr(SqlAudit, "append", broken)
        assert isinstance(service.call("replay", "metrics", str(number)).exception, RuntimeError)
    assert (service.look(), service.notes(number), service.audited()) == ((0, 1), [], [])


def test_wrong_calls_say_what_to_do(service: Service, tmp_path: Path) -> None:
    def last_line(*arguments: str) -> str:
        result = CliRunner().invoke(concord, ["parked", *arguments], prog_name="concord")
        assert result.exit_code == 2
        return result.stderr.splitlines()[-1]

    assert "'mailing' is not one of" in last_line("list", "mailing")
    assert last_line("replay", "metrics") == "Error: Give the IDs to replay, or --all."
    assert last_line("replay", "metrics", "1", "--reason", "x") == "Error: --type, --reason and --since need --all."
    assert "is not a time: write 30m, 2h or 7d" in last_line("list", "metrics", "--since", "soon")
    nowhere = last_line("list", "metrics", "--home", str(tmp_path / "none"))
    assert nowhere.endswith("is not the home folder of a local run: set --home or --database.")
    assert "--database must look like" in last_line("list", "metrics", "--database", "nonsense")
    assert "must begin with sqlite:/// or postgresql+psycopg2://" in last_line(
        "list", "metrics", "--database", "mysql+mysqldb://u:p@h/d"
    )
    assert CliRunner().invoke(concord, ["parked", "show", "metrics", "99", "--home", str(service.home)]).exit_code == 1


def test_a_database_from_before_asks_for_one_start_of_the_service(tmp_path: Path) -> None:
    file = tmp_path / "old.db"
    file.touch()
    result = CliRunner().invoke(concord, ["parked", "list", "metrics", "--database", f"sqlite:///{file}"])
    assert result.exit_code == 2
    assert "start this version of the service once" in result.stderr


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    file = tmp_path / "text.db"
    file.write_text("no database at all, but a text of some length" * 50)
    result = CliRunner().invoke(concord, ["parked", "list", "metrics", "--database", f"sqlite:///{file}"])
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "Error: The database of metrics cannot be used: file is not a database\n"


def test_a_database_that_stays_locked_is_away_and_nothing_changes(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service_database, "PATIENCE_SECONDS", 0.0)
    event = public()
    number = service.park(delivery(event), event=event)
    with service.database.begin():
        result = service.call("replay", "metrics", str(number))
    assert (result.exit_code, service.look()) == (1, (0, 1))
    assert result.stderr == "Error: The database of metrics cannot be used: database is locked\n"


def test_a_server_is_completed_with_the_services_database() -> None:
    server = "postgresql+psycopg2://concord:secret@db.example.org:5432"
    assert service_url("intake", f"{server}/") == f"{server}/concord_intake"
    assert service_url("intake", f"{server}/mine") == f"{server}/mine"


def test_nothing_in_a_text_steers_the_terminal() -> None:
    assert plain("a\x1b[2J\u202eb\x9bü\n") == "a\\x1b[2J\\u202eb\\x9bü\\n"
