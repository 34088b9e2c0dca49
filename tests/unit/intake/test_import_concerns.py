"""Batches: an answer for every line, and no line harms another."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from residents import KEY, Client, Office, told

from concord_bus.domain.errors import ResourceUnavailable
from concord_contracts.messages import HistoryUpdated
from concord_intake.domain.import_source import ImportedLine
from concord_intake.entrypoints.ndjson_import import LINES_PER_TRANSACTION
from concord_web.line_splitter import LongLine
from concord_web.problem import Problem


def line(number: int, **changes: Any) -> bytes:
    return orjson.dumps(told(id=f"r-{number}", **changes))


def run(office: Office, *lines: Any, source: str = "boston", **options: Any) -> list[dict[str, Any]]:
    answered = b"".join(office.client.batch(lines, source, **options))
    return [orjson.loads(each) for each in answered.splitlines()]


def test_each_line_is_answered_in_order_with_its_number_and_id() -> None:
    office = Office()
    answers = run(office, line(1), line(2, contact={"email": "ana@example.org"}))
    assert [(each["line"], each["id"], each["status"]) for each in answers] == [
        (1, "r-1", "accepted"),
        (2, "r-2", "accepted"),
    ]
    assert all(len(each["receipt"]) == 19 for each in answers)
    assert office.store.counts().concerns == 2
    assert {event.data.channel for event in office.published if hasattr(event.data, "channel")} == {"import"}


def test_a_byte_order_mark_before_a_line_is_passed_over() -> None:
    mark = b"\xef\xbb\xbf"
    answers = run(Office(), mark + line(1), line(2), mark, mark + line(3))
    assert [(each["line"], each["status"]) for each in answers] == [(1, "accepted"), (2, "accepted"), (4, "accepted")]


@pytest.mark.parametrize(
    ("encoding", "says"), [("cp1252", "is not UTF-8: byte"), ("utf-16", "UTF-16"), ("utf-16-be", "as in UTF-16")]
)
def test_a_line_in_another_encoding_is_refused_alone_and_named(encoding: str, says: str) -> None:
    other = line(2, description="Cañón").decode().encode(encoding)
    first, second, third = run(Office(), line(1), other, line(3))
    assert (first["status"], third["status"]) == ("accepted", "accepted")
    assert second["problem"]["detail"].startswith("The line ")
    assert says in second["problem"]["detail"]
    assert second["problem"]["detail"].endswith("Save or send it as UTF-8.")


def test_a_repeated_line_is_answered_with_the_same_concern_and_no_receipt() -> None:
    office = Office()
    first = run(office, line(1), line(2))
    again = run(office, line(1), line(2), line(3))
    assert [each["status"] for each in again] == ["already", "already", "accepted"]
    assert [each["concern_id"] for each in again[:2]] == [each["concern_id"] for each in first]
    assert "receipt" not in again[0]
    assert office.store.counts().concerns == 3


def test_an_id_that_somebody_took_first_does_not_drop_the_record_of_the_city() -> None:
    office = Office()
    run(office, line(1), source="records.csv")
    assert statuses(office, sender="user:clerk") == ["accepted"]
    assert statuses(office, importer="key:city") == ["accepted"]
    assert statuses(office, importer="operator") == ["already"], "the city's logins share the ids of a source"
    assert [statuses(office), statuses(office, sender="user:clerk")] == [["already"], ["already"]]
    assert office.store.counts().concerns == 3


def test_without_a_login_nobody_takes_an_id_from_another_sender() -> None:
    office = Office()
    assert [each["status"] for each in run(office, line(1))] == ["accepted"]
    other = run(office, line(1, description="A hole in the road"), line(1), source="another")
    assert [each["status"] for each in other] == ["accepted", "already"]
    assert office.store.counts().concerns == 2


def statuses(office: Office, **login: Any) -> list[str]:
    answered = b"".join(office.client.batch([line(1)], "records.csv", **login))
    return [orjson.loads(result)["status"] for result in answered.splitlines()]


def test_a_bad_line_says_why_and_the_others_are_taken_in() -> None:
    office = Office()
    answers = run(
        office,
        line(1),
        b"{broken",
        b"[1]",
        LongLine(4, 65536),
        line(5, category="dragons", colour="red"),
        orjson.dumps(told()),
        line(7),
    )
    assert [each["status"] for each in answers] == ["accepted"] + ["refused"] * 5 + ["accepted"]
    assert [each["line"] for each in answers] == [1, 2, 3, 4, 5, 6, 7]
    assert [each["problem"]["status"] for each in answers[1:6]] == [400, 400, 413, 422, 422]
    assert {error["field"] for error in answers[4]["problem"]["errors"]} == {"category", "colour"}
    assert answers[4]["id"] == "r-5"
    assert answers[5]["problem"]["errors"][0]["field"] == "id"


def test_a_line_with_a_key_twice_is_refused() -> None:
    answers = run(Office(), line(1)[:-1] + b',"id":"r-2"}', line(3))
    assert [answer["status"] for answer in answers] == ["refused", "accepted"]
    assert answers[0]["problem"]["status"] == 400


def test_a_line_that_does_not_arrive_gets_a_result_after_those_before_it() -> None:
    def slow() -> Iterator[bytes]:
        yield line(1)
        raise Problem(408, detail="The request body arrived too slowly. Send it again.")

    office = Office()
    answers = [orjson.loads(each) for each in b"".join(office.client.batch(slow(), "boston")).splitlines()]
    assert [(each["line"], each["status"]) for each in answers] == [(1, "accepted"), (2, "refused")]
    assert answers[1]["problem"]["status"] == 408


def test_answers_flow_while_lines_come_two_hundred_to_a_transaction() -> None:
    office = Office()
    taken_from_source = 0

    def source() -> Iterator[bytes]:
        nonlocal taken_from_source
        for number in range(2 * LINES_PER_TRANSACTION + 50):
            taken_from_source += 1
            yield line(number)

    answers = office.client.batch(source(), "boston")
    assert next(answers).count(b"\n") == LINES_PER_TRANSACTION
    assert taken_from_source == LINES_PER_TRANSACTION
    assert [each.count(b"\n") for each in answers] == [LINES_PER_TRANSACTION, 50]
    assert office.transactions == 3


def test_an_empty_line_asks_for_the_answers_so_far() -> None:
    answers = [each.count(b"\n") for each in Office().client.batch([b"", line(1), b"", b"", line(2), b" "], "s")]
    assert answers == [1, 1]


def test_an_emergency_is_answered_with_the_number() -> None:
    answers = run(Office(), line(1, description="There is a gun"))
    assert answers[0]["emergency"]["number"] == "911"


def test_with_the_database_away_lines_are_refused_for_now_and_can_be_sent_again() -> None:
    office = Office()
    work = office.work
    away = True

    @contextmanager
    def sometimes() -> Iterator[Any]:
        if away:
            raise ResourceUnavailable("database")
        with work() as each:
            yield each

    office.client.routes.ndjson_import._import._open_work = sometimes
    answers = run(office, line(1), b"broken", line(2))
    assert [each["problem"]["status"] for each in answers] == [503, 400, 503]
    away = False
    assert [each["status"] for each in run(office, line(1), line(2))] == ["accepted", "accepted"]


def test_a_line_that_fails_alone_fails_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    office = Office()
    add = type(office.store).add

    def picky(store: Any, concerns: Any) -> None:
        if any(each.description == "boom" for each in concerns):
            raise RuntimeError
        add(store, concerns)

    monkeypatch.setattr(type(office.store), "add", picky)
    answers = run(office, line(1), line(2, description="boom"), line(3))
    assert [each["status"] for each in answers] == ["accepted", "refused", "accepted"]
    assert answers[1]["problem"]["status"] == 500
    assert office.store.counts().concerns == 2


def test_an_empty_batch_has_an_empty_answer() -> None:
    assert run(Office()) == []


PAST = {
    "reported_at": "2015-03-01T10:00:00Z",
    "promised_by": "2015-03-10T12:00:00Z",
    "closed_at": "2015-03-04T08:30:00Z",
}


def test_a_past_is_taken_in_only_from_who_may_import_history() -> None:
    office = Office()
    refused, taken = run(office, line(1, **PAST), line(2))
    assert (refused["status"], refused["problem"]["status"]) == ("refused", 403)
    assert refused["problem"]["errors"][0]["field"] == "reported_at"
    assert taken["status"] == "accepted"
    assert office.store.counts().concerns == 1


def test_a_past_is_told_with_its_own_times_and_when_we_came_to_know() -> None:
    office = Office()
    (answer,) = run(office, line(1, **PAST, contact={"email": "ana@example.org"}), importer="user:7f3a")
    assert answer["status"] == "accepted"
    received, submitted, contact, recorded = office.published
    reported = datetime(2015, 3, 1, 10, tzinfo=UTC)
    assert received.time == submitted.time == received.data.received_at == reported
    assert received.recorded == submitted.recorded == contact.time
    assert contact.recorded is recorded.recorded is None
    assert recorded.time == contact.time
    assert submitted.data.promised_by == datetime(2015, 3, 10, 12, tzinfo=UTC)
    assert submitted.data.closed_at == datetime(2015, 3, 4, 8, 30, tzinfo=UTC)


def test_who_imported_a_past_stands_in_the_audit() -> None:
    office = Office()
    run(office, line(1, **PAST), line(2), line(3, **PAST), importer="user:7f3a")
    run(office, line(1, **PAST), line(4), importer="user:7f3a")
    run(office, line(5))
    assert [(each.actor, each.action, each.details) for each in office.store.audit.records()] == [
        ("user:7f3a", "history.imported", '{"lines":2,"source":"boston"}')
    ]


def updates(office: Office) -> list[tuple[int, Any, Any]]:
    """Sequence, target and closing time of each event about a history that moved on."""
    events = [each for each in office.published if isinstance(each.data, HistoryUpdated)]
    return [(each.sequence, each.data.promised_by, each.data.closed_at) for each in events]


OPEN = {"reported_at": "2015-03-01T10:00:00Z"}
CLOSED_AT = datetime(2015, 3, 4, 8, 30, tzinfo=UTC)
PROMISED_BY = datetime(2015, 3, 10, 12, tzinfo=UTC)


def night(office: Office, *lines: bytes, **options: Any) -> list[dict[str, Any]]:
    return run(office, *lines, importer="key:city", **options)


def test_a_record_that_the_city_closed_meanwhile_is_updated_once() -> None:
    office = Office()
    [first] = night(office, line(1, **OPEN))
    office.clock.move(hours=24)
    assert night(office, line(1, **PAST)) == [{"line": 1, "id": "r-1", "status": "updated", **concern(first)}]
    assert night(office, line(1, **PAST)) == [{"line": 1, "id": "r-1", "status": "already", **concern(first)}]
    assert updates(office) == [(4, PROMISED_BY, CLOSED_AT)]
    assert office.published[-1].time == office.published[-1].data.updated_at == office.clock()


def concern(answer: dict[str, Any]) -> dict[str, Any]:
    return {"concern_id": answer["concern_id"]}


def test_closed_reopened_and_closed_again_are_three_updates_in_order() -> None:
    office = Office()
    later = {**PAST, "closed_at": "2015-03-05T08:30:00Z"}
    night(office, line(1, **OPEN))
    for history in (PAST, {**PAST, "closed_at": None}, later, later):
        night(office, line(1, **history))
    assert updates(office) == [
        (4, PROMISED_BY, CLOSED_AT),
        (5, PROMISED_BY, None),
        (6, PROMISED_BY, datetime(2015, 3, 5, 8, 30, tzinfo=UTC)),
    ]


def test_a_line_that_comes_twice_in_one_batch_is_judged_each_time_and_told_once() -> None:
    office = Office()
    answers = night(office, line(1, **OPEN), line(1, **PAST), line(1, **PAST), line(1, category="graffiti", **PAST))
    assert [each["status"] for each in answers] == ["accepted", "updated", "already", "differs"]
    assert updates(office) == [(4, PROMISED_BY, CLOSED_AT)]


def test_a_line_that_differs_says_where_and_changes_nothing() -> None:
    office = Office()
    [first] = night(office, line(1, **OPEN))
    [answer] = night(office, line(1, category="graffiti", point={"lon": 0, "lat": 0}, **PAST))
    assert (answer["status"], answer["differs"]) == ("differs", ["category", "point"])
    assert answer["concern_id"] == first["concern_id"]
    assert updates(office) == []
    assert night(office, line(1, **OPEN))[0]["status"] == "already"


def test_a_login_that_may_not_import_history_learns_only_whether_its_own_line_differs() -> None:
    office = Office()
    clerk = {"sender": "user:clerk"}
    statuses(office, **clerk)
    [answer] = map(orjson.loads, office.client.batch([line(1, channel="phone")], "records.csv", **clerk))
    assert (answer["status"], answer["differs"]) == ("differs", ["channel"])


def test_an_older_line_is_adopted_when_it_comes_again() -> None:
    office = Office()
    [first] = night(office, line(1, **PAST))
    key = ("boston", "r-1")
    office.store.save_lines([ImportedLine(*key, first["concern_id"])])
    assert night(office, line(1))[0]["status"] == "already"
    assert office.store.lines([key])[key].fingerprint is None, "a line without a history leaves it unknown"
    assert [night(office, line(1, **PAST))[0]["status"] for _ in range(2)] == ["updated", "already"]
    assert office.store.lines([key])[key].closed_at == CLOSED_AT


def test_after_a_change_of_keys_a_line_is_compared_by_its_fields() -> None:
    office = Office()
    night(office, line(1, **PAST))
    office.client = Client(office, office.clock, keys=[b"n" * 32, KEY])
    before = office.store.lines([("boston", "r-1")])
    assert night(office, line(1, **PAST))[0]["status"] == "already"
    assert office.store.lines([("boston", "r-1")]) != before, "the new key's fingerprint is there for the next time"
    assert updates(office) == []


def test_a_dry_run_says_what_would_happen_and_stores_nothing() -> None:
    office = Office()
    night(office, line(1, **OPEN), line(2, **OPEN), line(3, **OPEN))
    before = len(office.published), office.transactions, list(office.store.audit.records())
    lines = (
        line(1, **PAST),
        line(2, **OPEN),
        line(3, channel="phone", **OPEN),
        line(4, **OPEN),
        line(4),
        line(5, category=""),
    )
    answers = night(office, *lines, dry_run=True)
    assert [each["status"] for each in answers] == ["updated", "already", "differs", "new", "already", "refused"]
    assert "concern_id" not in answers[3]
    assert (len(office.published), office.transactions, list(office.store.audit.records())) == before
    assert office.store.counts().concerns == 3
    assert night(office, *lines, dry_run=True) == answers


def test_a_dry_run_refuses_what_the_import_would_refuse() -> None:
    assert [each["status"] for each in run(Office(), line(1, **PAST), line(2), dry_run=True)] == ["refused", "new"]


def test_updated_histories_stand_in_the_audit() -> None:
    office = Office()
    night(office, line(1, **OPEN), line(2, **OPEN))
    night(office, line(1, **PAST), line(2, **PAST), line(3, **PAST), line(4))
    entries = [(each.action, each.details) for each in office.store.audit.records()]
    assert entries == [
        ("history.imported", '{"lines":2,"source":"boston"}'),
        ("history.imported", '{"lines":1,"source":"boston"}'),
        ("history.updated", '{"lines":2,"source":"boston"}'),
    ]
