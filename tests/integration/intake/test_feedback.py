"""The link in a mail, with a real broker and over HTTP: a page for people, JSON for programs, and each link once."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from running import CATEGORY, LINK_KEY, Broker, Intake, eventually, prepared, told

from concord_contracts import Event, new_event
from concord_contracts.feedback_links import FeedbackLink, FeedbackLinks
from concord_contracts.messages import ConcernResolved, ConcernRouted, WordRecorded

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
RESOLUTION = 5
CANARY = "<script>alert('canary')</script> & still dark"


ON_BOTH = pytest.mark.parametrize("intake", ["sqlite_url", "postgres_url"], indirect=True)


@pytest.fixture
def intake(request: pytest.FixtureRequest, tmp_path: Path, vhost: Any) -> Iterator[Intake]:
    """On SQLite, unless the test names another database."""
    url = request.getfixturevalue(getattr(request, "param", "sqlite_url"))
    service = Intake(tmp_path, url, prepared(vhost.node, vhost.name)).start()
    yield service
    service.kill()


@pytest.fixture
def broker(intake: Intake, vhost: Any) -> Broker:
    return Broker(vhost.node, vhost.name, intake.keys)


def token(concern_id: str, *, resolution: int = RESOLUTION, language: str = "en", days: float = 14) -> str:
    until = datetime.now(UTC) + timedelta(days=days)
    return FeedbackLinks([LINK_KEY]).write(FeedbackLink(concern_id, resolution, language, until))


def reported(intake: Intake) -> tuple[str, dict[str, str]]:
    """A concern, and the header with its receipt."""
    _, _, answer = intake.answer("POST", "/v1/concerns", told())
    return answer["id"], {"Concord-Receipt": answer["receipt"]}


def about(concern_id: str) -> dict[str, Any]:
    return {"concern_id": concern_id, "case_id": "case-1", "category": CATEGORY, "area": "D4", "channel": "web"}


def resolved(concern_id: str) -> list[Event[Any]]:
    """Routed to a team, and resolved by it, with words."""
    now = datetime.now(UTC)
    times = {"acknowledge_by": now, "respond_by": now, "received_at": now, "routed_at": now}
    routed = ConcernRouted(**about(concern_id), team="d4", team_name="A team", border=False, **times)
    end = ConcernResolved(**about(concern_id), team="d4", received_at=now, resolved_at=now)
    ended = new_event(end, sequence=RESOLUTION, time=now)
    word = WordRecorded(
        concern_id=concern_id,
        case_id="case-1",
        word="resolve",
        cause_id=ended.id,
        cause_sequence=RESOLUTION,
        words="The lamp has a new bulb.",
        where_to_go=None,
        partner=None,
        due_at=None,
        given_at=now,
    )
    return [new_event(word, sequence=6, time=now), ended, new_event(routed, sequence=1, time=now)]


def handled(intake: Intake, broker: Broker) -> tuple[str, dict[str, str]]:
    """A concern that intake knows to be resolved."""
    concern_id, receipt = reported(intake)
    broker.publish(*resolved(concern_id))

    def followed() -> bool:
        _, _, account = intake.answer("GET", f"/v1/concerns/{concern_id}", headers=receipt)
        return len(account["history"]) == 3 and bool(account["history"][-1]["words"])

    eventually(followed)
    return concern_id, receipt


def events(broker: Broker, count: int) -> list[Event[Any]]:
    return [each for each in broker.take("metrics.events", count) if each.source == "/concord/intake"]


@ON_BOTH
def test_not_fixed_is_told_to_everybody_and_why_to_routing_alone(intake: Intake, broker: Broker) -> None:
    concern_id, _ = handled(intake, broker)
    link = token(concern_id)
    status, headers, page = intake.answer("GET", f"/feedback/{link}")
    assert status == 200
    assert headers["content-security-policy"].startswith("default-src 'none'; script-src 'self'; style-src 'self'")
    assert headers["referrer-policy"] == "no-referrer"
    assert page.count(b"<script") == page.count(b'<script type="module" src="/static/')
    assert b"http://" not in page
    assert b"https://" not in page

    sent = urlencode({"fixed": "no", "reason": CANARY, "voice": "4", "respect": "5"})
    status, _, page = intake.answer("POST", f"/feedback/{link}", sent, FORM)
    assert (status, b"being opened again" in page) == (200, True)
    _, feedback, asked = sorted(
        (each for each in events(broker, 5) if each.partitionkey == concern_id), key=lambda each: each.sequence
    )
    assert (feedback.type, asked.type) == ("feedback.given.v1", "reopen.requested.v1")
    assert (feedback.sequence, asked.sequence, asked.causationid) == (4, 5, feedback.id)
    data = feedback.data
    assert (data.fixed, data.voice, data.respect, data.neutrality, data.motives) == (False, 4, 5, None, None)
    assert (data.area, data.team, data.resolution, data.category) == ("D4", "d4", RESOLUTION, CATEGORY)
    assert "canary" not in repr([feedback, asked])
    [objection] = broker.take("routing.objections", 1)
    assert (objection.data.reason, objection.data.resolution, objection.sequence) == (CANARY, RESOLUTION, 6)

    status, _, page = intake.answer("POST", f"/feedback/{link}", sent, FORM)
    assert (status, b"being opened again" in page) == (200, True)
    status, _, page = intake.answer("GET", f"/feedback/{link}")
    assert (status, b"answered already" in page) == (409, True)
    for other in ({"fixed": "yes"}, {"fixed": "no"}, {"fixed": "no", "reason": "Another reason"}):
        status, _, page = intake.answer("POST", f"/feedback/{link}", urlencode(other), FORM)
        assert (status, b"answered already" in page) == (409, True)
    status, _, problem = intake.answer("POST", "/v1/feedback", {"token": link, "fixed": True})
    assert (status, "answered before" in problem["detail"]) == (409, True)


def test_what_is_wrong_with_the_form_is_said_in_place_and_nothing_is_lost(intake: Intake, broker: Broker) -> None:
    concern_id, _ = handled(intake, broker)
    link = token(concern_id, language="es")
    sent = urlencode({"fixed": "no", "voice": "9", "respect": "3"})
    status, headers, page = intake.answer("POST", f"/feedback/{link}", sent, FORM)
    text = page.decode()
    assert (status, headers["content-language"]) == (422, "es")
    assert "qué sigue mal" in text
    assert "un número del 1 al 5" in text
    assert 'name="fixed" value="no" checked' in text
    assert 'name="respect" value="3" checked' in text
    status, _, page = intake.answer("POST", f"/feedback/{link}?language=en", urlencode({"reason": CANARY}), FORM)
    assert status == 422
    assert "&lt;script&gt;" in page.decode()
    assert all('src="/static/' in tag for tag in re.findall("<script[^>]*>", page.decode()))
    assert "Please say whether it is fixed." in page.decode()
    for body, expected in ((b"fixed=%ff", 400), (urlencode({"fixed": "no", "reason": "x" * 2001}).encode(), 422)):
        assert intake.answer("POST", f"/feedback/{link}", body, FORM)[0] == expected
    assert intake.answer("POST", f"/feedback/{link}", b"x" * 40_000, FORM)[0] == 413
    assert intake.answer("POST", f"/feedback/{link}", b"{}", {"Content-Type": "application/json"})[0] == 415
    assert intake.answer("POST", f"/feedback/{link}", urlencode({"fixed": "yes"}), FORM)[0] == 200


def test_ended_forged_and_unknown_links_say_what_to_do(intake: Intake) -> None:
    concern_id, _ = reported(intake)
    spanish = {"Accept-Language": "es-MX"}
    for link, status, english, in_spanish in (
        (token(concern_id, days=-1), 410, "This page has ended", "This page has ended"),
        (token(concern_id)[:-3], 404, "This link does not work", "Este enlace no funciona"),
        (token("no-such-concern", language="fr"), 404, "This link does not work", "Este enlace no funciona"),
        ("x" * 3000, 404, "This link does not work", "Este enlace no funciona"),
    ):
        for headers, words in (({}, english), (spanish, in_spanish)):
            found, _, page = intake.answer("GET", f"/feedback/{link}", headers=headers)
            assert (found, words in page.decode()) == (status, True)
        if len(link) < 400:
            assert intake.answer("POST", "/v1/feedback", {"token": link, "fixed": True})[0] == status


def test_programs_answer_in_json(intake: Intake, broker: Broker) -> None:
    concern_id, _ = handled(intake, broker)
    link = token(concern_id)
    for body, field in (
        ({"token": link}, "fixed"),
        ({"token": link, "fixed": "yes"}, "fixed"),
        ({"token": link, "fixed": False}, "reason"),
        ({"token": link, "fixed": True, "voice": 6}, "voice"),
        ({"token": link, "fixed": True, "voice": True}, "voice"),
        ({"token": link, "fixed": True, "mood": 3}, "mood"),
        ({"fixed": True}, "token"),
    ):
        status, _, problem = intake.answer("POST", "/v1/feedback", body)
        assert (status, problem["errors"][0]["field"]) == (422, field)
    answer = {"token": link, "fixed": True, "voice": 5, "respect": 5, "neutrality": 4, "motives": None}
    status, _, taken = intake.answer("POST", "/v1/feedback", answer, {"Accept-Language": "es"})
    assert status == 200
    assert taken == {"concern_id": concern_id, "fixed": True, "message": "Gracias por su respuesta."}
    [feedback] = [each for each in events(broker, 4) if each.type == "feedback.given.v1"]
    assert (feedback.data.fixed, feedback.data.neutrality, feedback.data.motives) == (True, 4, None)


@ON_BOTH
def test_taken_back_once_with_the_receipt(intake: Intake, broker: Broker) -> None:
    concern_id, receipt = reported(intake)
    path = f"/v1/concerns/{concern_id}/withdraw"
    assert intake.answer("POST", path)[0] == 404
    for _ in range(2):
        status, _, account = intake.answer("POST", path, headers=receipt)
        assert (status, account["status"], account["message"]) == (200, "withdrawn", "You took it back.")
    assert intake.answer("GET", f"/v1/concerns/{concern_id}", headers=receipt)[2]["status"] == "withdrawn"
    [withdrawn] = broker.take("routing.events", 1)
    assert (withdrawn.type, withdrawn.partitionkey, withdrawn.sequence) == ("concern.withdrawn.v1", concern_id, 4)
    eventually(lambda: intake.ledger()["outbox"] == 0)
    assert [each.type for each in events(broker, 2)] == ["concern.received.v1", "concern.withdrawn.v1"]


def test_what_is_finished_cannot_be_taken_back(intake: Intake, broker: Broker) -> None:
    concern_id, receipt = handled(intake, broker)
    status, _, problem = intake.answer("POST", f"/v1/concerns/{concern_id}/withdraw", headers=receipt)
    assert (status, "finished" in problem["detail"]) == (409, True)


def test_the_history_holds_the_officers_words(intake: Intake, broker: Broker) -> None:
    concern_id, receipt = handled(intake, broker)
    _, _, account = intake.answer("GET", f"/v1/concerns/{concern_id}", headers=receipt)
    assert [each["status"] for each in account["history"]] == ["received", "routed", "resolved"]
    assert [each["words"] for each in account["history"]] == [None, None, "The lamp has a new bulb."]
