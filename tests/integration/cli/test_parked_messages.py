"""A message that a running service parked is found, replayed and takes effect once."""

import json
import subprocess
import sys
from typing import Any

from bus_messages import Message, submitted
from bus_stage import Ledger, Stage
from bus_waiting import eventually


def concord(database: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "ignore", "-m", "concord_cli", "parked", *arguments, "--database", database]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, stdin=subprocess.DEVNULL)


def listed(database: str) -> list[dict[str, Any]]:
    answer = concord(database, "list", "routing", "--json")
    assert answer.returncode == 0, answer.stderr
    found: list[dict[str, Any]] = json.loads(answer.stdout)["parked"]
    return found


def test_a_replayed_message_takes_effect_exactly_once(stage: Stage, databases: str) -> None:
    event = submitted("c-bad", do="raise", times=4)
    stage.publish(event, Message(b"{broken"))
    probe, ledger = stage.probe(databases).start(), Ledger(databases)
    eventually(ledger.counter("parked"), 2, 60)
    assert ledger.effects() == []

    by_reason = {each["reason"].split(":")[0]: each for each in listed(databases)}
    failed, broken = by_reason["failed 4 times, last"], by_reason["invalid JSON"]
    assert (failed["event_id"], failed["concern_id"], failed["attempts"]) == (event.id, "c-bad", 4)

    ids = [str(failed["id"]), str(broken["id"])]
    done = concord(databases, "replay", "routing", *ids, "--why", "the cause is mended")
    assert done.returncode == 1
    assert f"{broken['id']}: refused: invalid JSON" in done.stderr
    eventually(ledger.effects, [event.id], 60)
    eventually(ledger.counter("waiting"), 0, 60)
    assert probe.ask("/ledger")["parked"] == 1
    assert [each["id"] for each in listed(databases)] == [broken["id"]]

    stage.publish(event, submitted("c-next"))
    eventually(ledger.counter("effects"), 2, 60)
    assert ledger.effects().count(event.id) == 1
    notes = ledger.rows("SELECT action, subject, note FROM operator_actions")
    assert [tuple(each) for each in notes] == [("replay", f"parked/{failed['id']}", "the cause is mended")]
    audited = ledger.rows("SELECT action, subject FROM audit_entries")
    assert [tuple(each) for each in audited] == [("parked.replayed", f"parked:{failed['id']}")]


def test_what_is_forced_and_fails_again_is_parked_again(stage: Stage) -> None:
    probe = stage.probe().start()
    ledger = Ledger(probe.database)
    stage.publish(Message(b"{broken"))
    eventually(ledger.counter("parked"), 1, 60)
    (first,) = listed(probe.database)
    assert concord(probe.database, "replay", "routing", str(first["id"]), "--force").returncode == 0
    eventually(ledger.counter("parked"), 2, 60)
    (again,) = listed(probe.database)
    dropped = concord(probe.database, "drop", "routing", str(again["id"]), "--why", "a test's message")
    assert dropped.returncode == 0
    assert listed(probe.database) == []
    assert [row.status for row in ledger.parked()] == ["replayed", "dropped"]
    assert ledger.effects() == []
    assert probe.ask("/ledger") == {"outbox": 0, "waiting": 0, "parked": 0, "handled": 0}
