"""An officer reads a case whole over HTTP: words, contact and answers, with an entry in the audit for each look."""

from contextlib import closing
from datetime import UTC, datetime

import pika
from access_stage import HERE, KEYS, OTHER, OWN, Holder, Stage, bearer
from officer import Officer
from service_process import OPS_TOKEN, publish, until

from concord_contracts import Codec, Keyrings, new_event
from concord_contracts.messages import AnswerGiven, ContactRecorded

CODEC = Codec(Keyrings.from_env(KEYS))
WORDS = "the door is behind the bakery"


def test_a_case_is_read_whole_by_its_team_and_each_look_is_recorded(vhost, tmp_path, databases):
    stage = Stage(vhost, tmp_path, databases)
    with stage.routing as routing:
        cases = stage.open_cases({(OWN, HERE): 2, (OTHER, HERE): 1})
        (case_id, _), (foreign,) = cases[OWN, HERE], cases[OTHER, HERE]
        desk = Officer(routing, stage.key("night-desk", Holder("officer", (OWN,))))
        concern = Officer(routing, OPS_TOKEN).look(case_id).body["concern_id"]
        now = datetime.now(UTC)
        contact = {"name": "Ana", "email": "ana@example.org", "phone": None, "language": "es"}
        said = (
            ContactRecorded(concern_id=concern, given_at=now, **contact),
            AnswerGiven(concern_id=concern, words=WORDS, given_at=now),
        )
        publish(vhost.amqp_url, CODEC, [new_event(each, sequence=7, time=now) for each in said])
        until(lambda: desk.look(case_id).body["version"] == 2)

        read = until(lambda: desk.look(f"{case_id}/concern"))
        assert (read.status, read.headers["Cache-Control"]) == (200, "no-store")
        assert read.body["words"]
        assert [each["words"] for each in read.body["replies"]] == [WORDS]
        shown = until(lambda: desk.look(f"{case_id}/contact").body["contact"])
        assert (shown["name"], shown["email"]) == ("Ana", "ana@example.org")
        assert desk.look(f"{case_id}/concern").status == 200
        for what in ("concern", "contact"):
            assert desk.look(f"{foreign}/{what}").body == desk.look(f"ZZZZ/{what}").body
            assert Officer(routing, OPS_TOKEN).look(f"{case_id}/{what}").status == 403
            assert Officer(routing, None).look(f"{case_id}/{what}").status == 401
        entries = routing.json(f"/v1/audit?case_id={case_id}", OPS_TOKEN)["entries"]
        assert [(each["actor"], each["action"]) for each in entries] == [
            ("key:night-desk", "case.read"),
            ("key:night-desk", "contact.read"),
        ]
        assert looks(vhost) == ["concern", "contact"]

        found = desk._send("POST", "search", b'{"text": "ab"}', JSON)
        assert (found.status, "text" in str(found.body)) == (422, True), found.body
        found = desk._send("POST", "search", f'{{"text": "{case_id}"}}'.encode(), JSON)
        assert [each["case_id"] for each in found.body["cases"]] == [case_id]

        given = desk.order(case_id, "assign", {"officer": "user:7f3a", "note": "yours"}, '"2"')
        assert (given.status, given.body["assignee"]) == (200, "user:7f3a"), given.body
        assert desk.order(case_id, "assign", {}, '"3"').status == 422
        boss = Officer(routing, bearer("boss", Holder("supervisor", (OWN,))))
        body = b'{"from": "user:7f3a", "to": "user:boss"}'
        assert desk._send("POST", "hand-over", body, JSON).status == 403
        assert boss._send("POST", "hand-over", body, JSON).body == {"handed_over": 1, "more": False}
        mine = routing.json("/v1/cases?mine=true&open=true", bearer("boss", Holder("supervisor", (OWN,))))["cases"]
        assert [each["case_id"] for each in mine] == [case_id]
        counts = routing.json("/v1/desk/counts", bearer("boss", Holder("supervisor", (OWN,))))
        assert (counts["mine"], counts["tasks"]["answered"]) == (1, 1)
        log = routing.log.read_text()
    for personal in (WORDS, "ana@example.org"):
        assert personal not in log


JSON = {"Content-Type": "application/json"}


def looks(vhost):
    """What intake hears of."""
    found = []
    with closing(pika.BlockingConnection(pika.URLParameters(vhost.amqp_url))) as connection:
        channel = connection.channel()

        def both():
            while (got := channel.basic_get("intake.looks", auto_ack=True))[0]:
                found.append(CODEC.decode(got[2]).data.part)
            return len(found) >= 2

        until(both)
    return found
