"""What a reporter does after the report, over HTTP and with a real broker: with the receipt alone, or with a link."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from running import CATEGORY, LINK_KEY, Broker, Intake, eventually, prepared, told

from concord_contracts import Event, new_event
from concord_contracts.messages import AccessRecorded, ConcernResolved, ConcernUpdated
from concord_contracts.status_links import StatusLink, StatusLinks

CANARY = "The lamp at the corner of <b>canary</b> street."


@pytest.fixture(params=["sqlite_url", "postgres_url"])
def intake(request: pytest.FixtureRequest, tmp_path: Path, vhost: Any) -> Iterator[Intake]:
    service = Intake(tmp_path, request.getfixturevalue(request.param), prepared(vhost.node, vhost.name)).start()
    yield service
    service.kill()


def link(concern_id: str, days: float = 30) -> str:
    return StatusLinks([LINK_KEY]).write(StatusLink(concern_id, "es", datetime.now(UTC) + timedelta(days=days)))


def about(concern_id: str) -> dict[str, Any]:
    now = datetime.now(UTC)
    what = {"concern_id": concern_id, "case_id": "case-1", "category": CATEGORY, "area": "D4", "channel": "web"}
    return what | {"team": "d4", "received_at": now}


def asked(concern_id: str) -> list[Event[Any]]:
    """The team asks, and somebody has looked at the concern."""
    now = datetime.now(UTC)
    question = ConcernUpdated(**about(concern_id), updated_at=now, waiting=True)
    look = AccessRecorded(concern_id=concern_id, part="concern", accessed_at=now)
    return [new_event(question, sequence=2, time=now), new_event(look, sequence=3, time=now)]


def resolved(concern_id: str) -> Event[Any]:
    now = datetime.now(UTC)
    return new_event(ConcernResolved(**about(concern_id), resolved_at=now), sequence=5, time=now)


def test_the_receipt_alone_and_a_link_do_all_of_it(intake: Intake, vhost: Any) -> None:
    broker = Broker(vhost.node, vhost.name, intake.keys)
    _, _, reported = intake.answer("POST", "/v1/concerns", told(contact={"email": "ana@example.org"}))
    concern_id, receipt = reported["id"], {"Concord-Receipt": reported["receipt"]}

    def shown() -> Any:
        return intake.answer("GET", "/v1/concern", headers=receipt)[2]

    account = shown()
    assert (account["id"], account["has_contact"], account["may_answer"]) == (concern_id, True, True)
    assert account.items() >= intake.answer("GET", f"/v1/concerns/{concern_id}", headers=receipt)[2].items()
    broker.publish(*asked(concern_id))
    eventually(lambda: shown()["is_asked"] and shown()["looks"])
    assert shown()["looks"]["concern"]["times"] == 1

    keyed = {**receipt, "Idempotency-Key": "key-1"}
    for _ in range(2):
        status, _, account = intake.answer("POST", "/v1/concern/answers", {"words": CANARY}, keyed)
        assert (status, account["status"], account["is_asked"]) == (200, "answered", False)
        assert "canary" not in repr(account)
    status, _, problem = intake.answer("POST", "/v1/concern/answers", {"words": "Other"}, keyed)
    assert (status, problem["errors"][0]["field"]) == (422, "Idempotency-Key")
    by_link = {"link": link(concern_id)}
    added = {**by_link, "email": "rosa@example.org", "name": "Rosa Example"}
    assert intake.answer("POST", "/v1/concern/contact", added)[2]["has_contact"]
    [answer] = broker.take("routing.answers", 1)
    assert (answer.data.words, answer.sequence) == (CANARY, 4)
    first, second = broker.take("routing.contacts", 2)
    assert (first.data.email, second.data.email, second.data.language) == ("ana@example.org", "rosa@example.org", "en")

    broker.publish(resolved(concern_id))
    eventually(lambda: shown()["may_give_feedback"])
    judgement = {**by_link, "extent": "partly", "reason": "One of two.", "voice": 4}
    for _ in range(2):
        status, _, account = intake.answer("POST", "/v1/concern/feedback", judgement)
        assert (status, account["may_give_feedback"]) == (200, False)
    [objection] = broker.take("routing.objections", 1)
    assert objection.data.reason == "One of two."
    status, _, problem = intake.answer("POST", "/v1/concern/feedback", {**by_link, "extent": "fixed"})
    assert (status, "answered before" in problem["detail"]) == (409, True)
    assert intake.answer("POST", "/v1/concern/withdrawal", headers=receipt)[0] == 409
    eventually(lambda: intake.ledger()["outbox"] == 0)
    assert intake.ledger()["parked"] == 0


def test_what_is_wrong_is_named(intake: Intake) -> None:
    _, _, reported = intake.answer("POST", "/v1/concerns", told())
    receipt = {"Concord-Receipt": reported["receipt"]}
    for path, body, field in (
        ("answers", {}, "words"),
        ("answers", {"words": "  "}, "words"),
        ("answers", {"words": "x" * 2001}, "words"),
        ("answers", {"words": "x", "mood": 3}, "mood"),
        ("feedback", {}, "extent"),
        ("feedback", {"extent": "half"}, "extent"),
        ("feedback", {"extent": "partly"}, "reason"),
        ("feedback", {"extent": "fixed", "voice": 6}, "voice"),
        ("contact", {"email": "rosa"}, "email"),
        ("withdrawal", {"why": "so"}, "why"),
    ):
        status, _, problem = intake.answer("POST", f"/v1/concern/{path}", body, receipt)
        assert (status, problem["errors"][0]["field"]) == (422, field)
    assert intake.answer("POST", "/v1/concern/feedback", {"extent": "fixed"}, receipt)[0] == 409
    assert intake.answer("POST", "/v1/concern/answers", {"words": "\r\n".join(["x" * 999] * 2)}, receipt)[0] == 200
    for wrong, status in (
        ({"link": "forged"}, 404),
        ({"link": link("no-such-concern")}, 404),
        ({"link": link(reported["id"], days=-1)}, 410),
        ({}, 404),
    ):
        assert intake.answer("POST", "/v1/concern/withdrawal", wrong)[0] == status
    assert intake.answer("GET", "/v1/concern", headers={"Concord-Receipt": "0000 0000 0000 0000"})[0] == 404
    for _ in range(2):
        assert intake.answer("POST", "/v1/concern/withdrawal", headers=receipt)[2]["status"] == "withdrawn"
