"""Intake with a real broker: over HTTP in, over AMQP out, and back."""

import http.client
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from openapi_spec_validator import OpenAPIV31SpecValidator
from running import CATEGORY, OPS_TOKEN, Broker, Intake, eventually, prepared, told

from concord_cli.commands import concord
from concord_contracts import Event, new_event
from concord_contracts.messages import ConcernResolved, ConcernRouted, ConcernUpdated
from concord_nodes import RabbitNode

TEAM_NAME = "A team of the test"


@pytest.fixture
def intake(tmp_path: Path, databases: str, vhost: Any) -> Iterator[Intake]:
    service = Intake(tmp_path, databases, prepared(vhost.node, vhost.name)).start()
    yield service
    service.kill()


@pytest.fixture
def broker(intake: Intake, vhost: Any) -> Broker:
    return Broker(vhost.node, vhost.name, intake.keys)


def routed(concern_id: str, sequence: int = 1) -> Event[ConcernRouted]:
    at = datetime.now(UTC)
    data = ConcernRouted(
        concern_id=concern_id,
        case_id="case-1",
        category=CATEGORY,
        area="D4",
        team="team-of-the-test",
        team_name=TEAM_NAME,
        channel="web",
        border=False,
        received_at=at,
        routed_at=at,
        acknowledge_by=at + timedelta(days=1),
        respond_by=at + timedelta(days=5),
    )
    return new_event(data, sequence=sequence, time=at)


def test_a_concern_goes_out_and_its_news_come_back(intake: Intake, broker: Broker) -> None:
    concern = told(contact={"email": "ana@example.org", "language": "es"})
    status, headers, answer = intake.answer("POST", "/v1/concerns", concern)
    assert status == 201
    assert headers["location"] == f"/v1/concerns/{answer['id']}"
    [submitted] = broker.take("routing.submitted", 1)
    [contact] = broker.take("notification.contacts", 1)
    [received] = broker.take("metrics.events", 1)
    assert {each.partitionkey for each in (submitted, contact, received)} == {answer["id"]}
    assert (submitted.data.description, contact.data.email) == ("A wall full of paint", "ana@example.org")
    broker.publish(routed(answer["id"]))
    receipt = {"Concord-Receipt": answer["receipt"]}

    def news() -> Any:
        _, _, found = intake.answer("GET", headers["location"], headers=receipt)
        return found if found["status"] == "routed" else None

    found = eventually(news)
    assert TEAM_NAME in found["message"]
    assert len(found["history"]) == 2
    bearer = {"Authorization": f"Bearer {answer['receipt'].replace(' ', '')}", "Accept-Language": "es"}
    assert intake.answer("GET", headers["location"], headers=bearer)[2]["history"][0]["message"].startswith("Hemos")
    for wrong in ({}, {"Concord-Receipt": "1"}):
        assert intake.answer("GET", headers["location"], headers=wrong)[0] == 404
    rest = {"concerns": 1, "contacts": 1, "outbox": 0, "waiting": 0, "parked": 0}
    eventually(lambda: intake.ledger().items() >= rest.items())
    assert intake.stop() == 0


def test_what_the_team_does_is_told_in_order_whatever_came_first(intake: Intake, broker: Broker) -> None:
    _, headers, answer = intake.answer("POST", "/v1/concerns", told())
    first = routed(answer["id"])
    shared = ("concern_id", "case_id", "category", "area", "team", "channel", "received_at")
    common = {name: getattr(first.data, name) for name in shared}
    at = first.data.routed_at
    update = new_event(ConcernUpdated(**common, updated_at=at, waiting=True), sequence=2, time=at)
    resolution = new_event(ConcernResolved(**common, resolved_at=at), sequence=3, time=at)
    for each in (resolution, first, resolution, update):
        broker.publish(each)
    receipt = {"Concord-Receipt": answer["receipt"], "Accept-Language": "es"}

    def whole() -> Any:
        _, _, found = intake.answer("GET", headers["location"], headers=receipt)
        return found if len(found["history"]) == 4 else None

    found = eventually(whole)
    assert [each["status"] for each in found["history"]] == ["received", "routed", "waiting", "resolved"]
    assert (found["status"], found["message"]) == ("resolved", "El equipo dice que se ha ocupado de ello.")
    assert (found["team"], found["respond_by"]) == (TEAM_NAME, None)
    eventually(lambda: (intake.ledger()["waiting"], intake.ledger()["parked"]) == (0, 0))


def test_a_repeated_post_is_answered_alike_also_after_a_restart(intake: Intake) -> None:
    key = {"Idempotency-Key": "4c9f6b0e-8c0a-4f57-9a25-2f1c58a4e0a1"}
    first = intake.answer("POST", "/v1/concerns", told(), key)
    assert intake.stop() == 0
    intake.start()
    again = intake.answer("POST", "/v1/concerns", told(), key)
    assert (first[0], first[2]) == (again[0], again[2])
    status, headers, problem = intake.answer("POST", "/v1/concerns", told(description="Other"), key)
    assert (status, headers["content-type"]) == (422, "application/problem+json")
    assert problem["errors"][0]["field"] == "Idempotency-Key"
    assert intake.ledger()["concerns"] == 1


def test_the_same_key_at_the_same_time_has_one_effect(intake: Intake) -> None:
    keys = [{"Idempotency-Key": f"key-{number % 4}"} for number in range(40)]
    with ThreadPoolExecutor(20) as residents:
        answers = list(residents.map(lambda key: intake.answer("POST", "/v1/concerns", told(), key), keys))
    assert {status for status, _, _ in answers} == {201}
    assert len({(answer["id"], answer["receipt"]) for _, _, answer in answers}) == 4
    assert intake.ledger()["concerns"] == 4


def test_what_is_wrong_is_a_problem_that_names_its_field(intake: Intake) -> None:
    wrong = told(category="dragons", colour="red", point={"lon": 500, "lat": 0})
    status, headers, problem = intake.answer("POST", "/v1/concerns", wrong)
    assert (status, headers["content-type"]) == (422, "application/problem+json")
    assert {each["field"] for each in problem["errors"]} == {"category", "colour", "point.lon"}
    statuses = [
        intake.answer("POST", "/v1/concerns", "{", {"Content-Type": "application/json"})[0],
        intake.answer("POST", "/v1/concerns", "3", {"Content-Type": "application/json"})[0],
        intake.answer("POST", "/v1/concerns", "a=b", {"Content-Type": "application/x-www-form-urlencoded"})[0],
        intake.answer("POST", "/v1/concerns:batch", "{}", {"Content-Type": "application/json"})[0],
        intake.answer("POST", "/v1/concerns", told(description="x" * 70_000))[0],
        intake.answer("GET", "/v1/ledger")[0],
    ]
    assert statuses == [400, 422, 415, 415, 413, 401]
    assert intake.ledger()["concerns"] == 0


def test_an_interrupted_batch_is_sent_again_and_each_line_counts_once(intake: Intake, broker: Broker) -> None:
    lines = [told(id=f"r-{number}", occurred_at="2015-01-01T00:25:23-05:00") for number in range(900)]
    connection = http.client.HTTPConnection("127.0.0.1", intake.port, timeout=20)
    connection.putrequest("POST", "/v1/concerns:batch")
    connection.putheader("Content-Type", "application/x-ndjson")
    connection.putheader("Transfer-Encoding", "chunked")
    connection.endheaders()
    part = "".join(json.dumps(line) + "\n" for line in lines[:450]).encode()
    connection.send(b"%x\r\n%b\r\n" % (len(part), part))
    first = json.loads(connection.getresponse().readline())
    assert (first["line"], first["status"]) == (1, "accepted")
    connection.close()
    taken = eventually(lambda: intake.ledger()["concerns"])
    assert taken % 200 == 0
    answers = intake.batch([*lines, {"id": "bad", "category": CATEGORY}])
    assert [each["line"] for each in answers] == list(range(1, 902))
    assert [each["status"] for each in answers[:900]].count("refused") == 0
    assert answers[0] == {"line": 1, "id": "r-0", "status": "already", "concern_id": first["concern_id"]}
    assert answers[900]["status"] == "refused"
    assert intake.ledger()["concerns"] == 900
    submitted = broker.take("routing.submitted", 900)
    assert {each.partitionkey for each in submitted} == {each["concern_id"] for each in answers[:900]}


def test_an_import_of_history_stands_in_the_audit_by_its_login(intake: Intake, databases: str) -> None:
    past = {"reported_at": "2015-03-01T10:00:00Z"}
    lines = "".join(json.dumps(told(id=f"h-{number}", **past)) + "\n" for number in range(3))
    headers = {"Content-Type": "application/x-ndjson"}
    login = {"Authorization": f"Bearer {OPS_TOKEN}"}
    assert intake.answer("POST", "/v1/concerns:batch", lines, headers)[0] == 200
    assert intake.ledger()["concerns"] == 0
    assert intake.answer("POST", "/v1/concerns:batch?source=archive", lines, headers | login)[0] == 200
    assert intake.ledger()["concerns"] == 3
    listed = CliRunner().invoke(concord, ["audit", "list", "--json", "--database", databases])
    (entry,) = map(json.loads, listed.stdout.splitlines())
    assert (entry["actor"], entry["action"]) == ("operator", "history.imported")
    assert entry["details"] == {"lines": 3, "source": "archive"}
    assert CliRunner().invoke(concord, ["audit", "verify", "--database", databases]).exit_code == 0


def test_who_names_the_source_of_a_batch(intake: Intake) -> None:
    login = {"Authorization": f"Bearer {OPS_TOKEN}"}
    for where, headers, remedy in (
        ("?source=records.csv", {}, "Leave source out, or send the token of a login"),
        ("", login, "Name the source of the city's records"),
        ("?source=archive&dry_run=yes", login, "Must be one of: true, false."),
    ):
        sent = {"Content-Type": "application/x-ndjson", **headers}
        status, _, problem = intake.answer("POST", f"/v1/concerns:batch{where}", json.dumps(told(id="1")), sent)
        assert status == 400
        [error] = problem["errors"]
        assert remedy in error["detail"]
    assert intake.ledger()["concerns"] == 0


def test_the_second_night_of_an_import(intake: Intake, broker: Broker) -> None:
    past = {"reported_at": "2026-11-20T10:00:00-05:00"}
    first = [told(id="N1", **past), told(id="N2", **past)]
    assert [each["status"] for each in intake.batch(first, "open311")] == ["accepted", "accepted"]
    closed, wrong = first[0] | {"closed_at": "2026-11-21T10:00:00-05:00"}, first[1] | {"description": "Quiet music"}
    second = [closed, wrong, told(id="N3", **past), told(id="N4", category="dragons")]
    expected = ["updated", "differs", "accepted", "refused"]
    tried = intake.batch(second, "open311", "&dry_run=true")
    assert [each["status"] for each in tried] == ["updated", "differs", "new", "refused"]
    assert intake.ledger()["concerns"] == 2
    assert [each["status"] for each in intake.batch(second, "open311")] == expected
    assert [each["status"] for each in intake.batch(second, "open311")] == ["already", "differs", "already", "refused"]
    [event] = broker.take("routing.history", 1)
    assert (event.partitionkey, event.sequence) == (tried[0]["concern_id"], 4)
    assert event.data.closed_at == datetime(2026, 11, 21, 15, tzinfo=UTC)


def test_it_describes_itself(intake: Intake) -> None:
    status, _, document = intake.answer("GET", "/openapi.json")
    assert status == 200
    OpenAPIV31SpecValidator(document).validate()
    assert {"/v1/concerns", "/v1/concerns/{id}", "/v1/concerns:batch", "/v1/categories"} <= set(document["paths"])
    body = document["paths"]["/v1/concerns"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    form = document["components"]["schemas"][body["$ref"].rpartition("/")[2]]
    assert {"category", "description"} == set(form["required"])
    assert CATEGORY in {each["code"] for each in intake.answer("GET", "/v1/categories")[2]["categories"]}
    eventually(intake.ready)
    assert b"concord_bus_published" in intake.answer("GET", "/metrics")[2]


def test_with_the_broker_away_concerns_are_taken_in_and_told_later(
    tmp_path: Path, sqlite_url: str, rabbit_own: RabbitNode
) -> None:
    rabbit_own.management.create_vhost("own")
    service = Intake(tmp_path, sqlite_url, prepared(rabbit_own, "own"))
    rabbit_own.await_recoverable(
        "intake.words", "intake.events", "routing.submitted", "metrics.events", vhost="own", streams=True
    )
    rabbit_own.kill()
    try:
        service.start()
        assert not service.ready()
        taken = {service.answer("POST", "/v1/concerns", told())[2]["id"] for _ in range(20)}
        assert service.ledger()["outbox"] == 40
        rabbit_own.start()
        eventually(service.ready, 40)
        submitted = Broker(rabbit_own, "own", service.keys).take("routing.submitted", 20)
        assert {each.partitionkey for each in submitted} == taken
        eventually(lambda: service.ledger()["outbox"] == 0)
        assert service.stop() == 0
    finally:
        service.kill()
