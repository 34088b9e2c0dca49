"""What residents and officers say stays where it belongs: searched for in the raw bytes of everything else.

Names, addresses, telephone numbers, words and client addresses that exist nowhere else are put in at the front, well
formed and not. Then they are looked for in the broker, the logs, the databases and every answer that is not for
whoever wrote or may read them. Each table below says what a place may hold and why, and is held to exactly that: what
must be there is found too, so that the search is known to see.
"""

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any

import pika
import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from concord_bus.topology.declarations import PUBLIC_TYPES
from concord_contracts.catalogue import PRIVATE_EXCHANGE, PUBLIC_EXCHANGE
from concord_nodes.mail_catcher import MailCatcher

from .canaries import ADDRESSES, LAT, LON, canary, files_of, kinds_by_place, kinds_in
from .conversation import SERVICES, Hooks, Platform, ask, link_in, platform, send_form, until

ANA, REFUSED = f"{canary('mail')}@example.org", f"{canary('refused')}@example.org"
CLIENT = {
    "X_Forwarded_For": f"{ADDRESSES[0]}, {ADDRESSES[1]}",
    "X_Real_IP": ADDRESSES[1],
    "Forwarded": f"for={ADDRESSES[2]}",
    "User_Agent": canary("agent"),
    "Referer": f"https://example.org/{canary('referer')}",
}
COUNTING = {f"CONCORD_LIMIT_{name}": "1000/day" for name in ("LOGINS", "RECEIPTS", "REPORTS")}
"""The limiter counts the addresses, and refuses nothing."""
SPY = "spy"
OFFICERS = {"update", "resolve", "refer", "partner", "decline", "where", "promise", "renegotiate"}
"""What officers write for the resident."""
MAILED = {"name", "mail", *OFFICERS} - {"renegotiate"}
"""What is mailed to the reporter. A new time that the resolution has overtaken need not be."""

FILES = {
    # The concern as it was said and where, and officers' words: whoever has the receipt is shown them.
    "intake/intake.db": {"description", "address", "point", *OFFICERS},
    # Officers' own words in the history of the case. The concern and the objection are ciphertext.
    "routing/routing.db": OFFICERS,
    # notification/notification.db: nothing. Contacts, words and whom to tell of a webhook are the vault's ciphertext.
    # metrics/metrics.db, logs, the broker's files, keys: nothing.
}
ANSWERS = (
    *((each, path) for each in SERVICES for path in ("/metrics", "/v1/ledger", "/readyz", "/healthz", "/openapi.json")),
    ("routing", "/v1/cases?limit=1000"),
    ("routing", "/v1/tasks"),
    ("routing", "/v1/desk/counts"),
    *(("notification", f"/v1/deliveries?state={state}") for state in ("delivered", "failed", "due")),
    ("notification", "/v1/webhooks"),
    *(("metrics", f"/v1/{path}") for path in ("summary", "events/latest", "trend?by=day", "map", "promises/at-risk")),
    *(("metrics", f"/v1/export{path}") for path in ("", "/received.csv", "/received.json")),
    ("metrics", "/ops"),
    ("metrics", "/ops/state"),
    ("metrics", "/ops/map"),
)
"""What anybody, or an operator, is answered."""


class QuotingServer(MailCatcher):
    """Refuses one mailbox as servers do: with the address in the refusal."""

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address == REFUSED:
            return f"550 5.1.1 <{address}>: no such mailbox here"
        return await super().handle_RCPT(server, session, envelope, address, options)


@dataclass
class Searched:
    """What was found, by place."""

    broker: list[bytes]
    log: str
    files: dict[str, set[str]]
    answers: dict[str, set[str]]
    hooks: Hooks
    mails: list[EmailMessage]
    account: dict[str, Any]
    case: dict[str, Any]
    refused: list[int]
    secrets: dict[str, str]
    leaked: set[tuple[str, str]] = field(default_factory=set)
    failed: list[int] = field(default_factory=list)


@pytest.fixture(scope="module")
def searched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Searched]:
    folder = tmp_path_factory.mktemp("canaries")
    noisy = {"CONCORD_WEBHOOK_INTERNAL_HOSTS": "127.0.0.1", "CONCORD_LOG_LEVEL": "DEBUG"}
    noisy |= {"CONCORD_HTTP_FORWARDED_HOPS": "1", **COUNTING}
    with QuotingServer() as post, Hooks() as hooks:
        with platform(folder, post, **noisy) as made:
            found = _search(made, hooks)
            found.failed = _fail(made, found.case)
        left = list(files_of(folder / "home"))
        for place, kinds in kinds_by_place(left).items():
            found.files.setdefault(place, set()).update(kinds)
        sent = [("the broker", each) for each in found.broker]
        found.leaked = {
            (place, name)
            for place, content in (*left, *sent, ("concord.log", found.log.encode()))
            for name, secret in found.secrets.items()
            if secret.encode() in content
        }
        yield found


def _search(made: Platform, hooks: Hooks) -> Searched:
    _bind_spy(made.admin)
    signing = made.concord(
        *("webhook", "add", "all", "--url", hooks.url("/all"), "--types", ",".join(PUBLIC_TYPES)),
        *("--contact", f"{canary('contact')}@example.org"),
    )
    key = made.concord("token", "issue", "desk", "--role", "administrator")
    concerns = [made.report(_concern(number), **CLIENT) for number in range(4)]
    refused = _write_nonsense(made, concerns[0]["id"], key)
    cases = [made.case_of(each["id"], key) for each in concerns]
    _work(made, cases, key)
    first = link_in(made.mail(ANA, "Is it fixed?"))
    ask(first, **CLIENT)
    assert send_form(first, fixed="no", reason=f"Still {canary('objection')}", voice="2").status == 200
    until(lambda: made.case_of(concerns[0]["id"], key)["state"] == "reopened")
    made.mail(ANA, "open again")
    until(lambda: made.get("notification", "/v1/ledger", made.operator)["failed"])
    receipt = {"Concord_Receipt": concerns[0]["receipt"], **CLIENT}
    account = until(lambda: _worded(made.get("intake", f"/v1/concerns/{concerns[0]['id']}", **receipt)))
    until(lambda: "feedback.given.v1" in {json.loads(body)["type"] for _, _, body in hooks.got})
    until(lambda: _mailed_to_ana(made.post.messages) >= MAILED)
    until(made.settled)
    broker = _read_spy(made.admin)
    public = sum(PUBLIC_EXCHANGE.encode() == each.split(b"\n", 1)[0] for each in broker)
    log = made.concord("tail", "--since", "1h", "--count", str(public), "--json")
    case = made.case_of(concerns[0]["id"], key)
    secrets = {
        "receipt": concerns[0]["receipt"],
        "receipt in one": concerns[0]["receipt"].replace(" ", ""),
        "link": first.rpartition("/")[2],
        "officer's key": key,
        "webhook's secret": signing.removeprefix("whsec_"),
    }
    files = dict(kinds_by_place(files_of(made.home)))
    return Searched(broker, log, files, _answers(made, key), hooks, made.post.messages, account, case, refused, secrets)


def _concern(number: int) -> dict[str, Any]:
    """The second one's mailbox is refused, the third has no point: a person must decide where it is."""
    contact = {"name": f"Ana {canary('name')}", "email": REFUSED if number == 1 else ANA, "phone": "617-555-0187"}
    place: dict[str, Any] = {"address": f"1 {canary('address')} Street"}
    place |= {"point": {"lon": LON, "lat": LAT}} if number != 2 else {}
    return {"category": "graffiti", "description": f"Paint. {canary('description')}", "contact": contact, **place}


def _work(made: Platform, cases: list[dict[str, Any]], key: str) -> None:
    one, two, three, four = cases
    made.work(one, "acknowledge", key)
    made.work(one, "update", key, message=f"We look. {canary('update')}")
    made.work(one, "promise", key, message=f"Soon. {canary('promise')}", due_at=_soon())
    made.work(one, "renegotiate", key, promise="response", due_at=_soon(), reason=f"Rain. {canary('renegotiate')}")
    made.work(one, "resolve", key, reason=f"Done. {canary('resolve')}")
    made.work(two, "acknowledge", key)
    made.work(three, "decline", key, reason=f"No. {canary('decline')}", where_to_go=f"County. {canary('where')}")
    made.work(four, "refer", key, reason=f"Theirs. {canary('refer')}", to=f"Partner {canary('partner')}")


def _mailed_to_ana(mails: list[EmailMessage]) -> set[str]:
    return kinds_in(b"".join(each.as_bytes() for each in mails if each["To"] == ANA))


def _soon() -> str:
    return (datetime.now(UTC) + timedelta(days=30)).isoformat()


def _write_nonsense(made: Platform, concern: str, key: str) -> list[int]:
    """What is refused must leave no trace either; the answers' statuses."""
    intake, routing, bad = made.urls["intake"], made.urls["routing"], canary("nonsense")
    good = _concern(0)
    sent = [
        ask(f"{intake}/v1/concerns", f'{{"{bad}": '.encode(), **CLIENT),
        ask(f"{intake}/v1/concerns", {**good, bad: bad}, **CLIENT),
        ask(f"{intake}/v1/concerns", {**good, "category": bad, "channel": bad, "occurred_at": bad}, **CLIENT),
        ask(f"{intake}/v1/concerns", {**good, "contact": {"email": f"{bad} at example"}}, **CLIENT),
        ask(f"{intake}/v1/concerns:batch?source={bad}", f'{{"id": "{bad}"'.encode(), kind="application/x-ndjson"),
        ask(f"{intake}/v1/concerns/{concern}", Concord_Receipt=bad, **CLIENT),
        ask(f"{intake}/v1/concerns/{bad}?{bad}={bad}", Concord_Receipt=bad, **CLIENT),
        ask(f"{intake}/feedback/{bad}", **CLIENT),
        ask(f"{intake}/track/{bad}?{bad}={bad}", **CLIENT),
        ask(
            f"{intake}/report",
            f"description={bad}&email={bad}&coordinates={bad}".encode(),
            kind="application/x-www-form-urlencoded",
            **CLIENT,
        ),
        ask(
            f"{intake}/track", f"receipt={bad}&words={bad}".encode(), kind="application/x-www-form-urlencoded", **CLIENT
        ),
        ask(f"{intake}/v1/feedback", {"token": bad, "fixed": False, "reason": bad}, **CLIENT),
        ask(f"{routing}/v1/cases/{bad}/resolve", {"reason": bad}, key, If_Match='"1"', **CLIENT),
        ask(f"{routing}/v1/cases/{bad}/resolve", {bad: bad}, bad, If_Match=bad, **CLIENT),
        ask(f"{routing}/v1/cases?area={bad}&{bad}={bad}", key=bad, **CLIENT),
    ]
    return [each.status for each in sent]


def _fail(made: Platform, case: dict[str, Any]) -> list[int]:
    """What a service was writing when its database refused; an error of the database quotes that. The statuses."""
    key = made.concord("token", "issue", "late", "--role", "administrator")
    _refuse(made, "intake", "words")
    made.work(case, "update", key, message=f"We look. {canary('update')}")
    until(lambda: _waits_or_parked(made.get("intake", "/v1/ledger", made.operator)))
    _refuse(made, "intake", "concerns")
    _refuse(made, "routing", "history")
    url = f"{made.urls['routing']}/v1/cases/{case['case_id']}"
    tag = ask(url, key=key).headers["ETag"]
    return [
        ask(f"{made.urls['intake']}/v1/concerns", _concern(0), **CLIENT).status,
        ask(f"{url}/update", {"message": canary("update")}, key, If_Match=tag, **CLIENT).status,
    ]


def _refuse(made: Platform, service: str, table: str) -> None:
    """Have the database of a service take no more rows into a table."""
    with sqlite3.connect(made.home / service / f"{service}.db") as database:
        database.execute(
            f"CREATE TRIGGER no_{table} BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'refused by the test'); END"
        )
    database.close()


def _waits_or_parked(ledger: dict[str, int]) -> bool:
    return bool(ledger["waiting"] or ledger["parked"])


def _worded(account: dict[str, Any]) -> dict[str, Any] | None:
    """The account, once the words of the resolution have come."""
    return account if canary("resolve") in json.dumps(account) else None


def _bind_spy(url: str) -> None:
    connection = pika.BlockingConnection(pika.URLParameters(url))
    channel = connection.channel()
    channel.queue_declare(SPY, durable=True)
    for exchange in (PUBLIC_EXCHANGE, PRIVATE_EXCHANGE):
        channel.queue_bind(SPY, exchange, "#")
    connection.close()


def _read_spy(url: str) -> list[bytes]:
    """Each message whole: exchange, key, properties with their headers, body."""
    found = []
    connection = pika.BlockingConnection(pika.URLParameters(url))
    channel = connection.channel()
    while True:
        method, properties, body = channel.basic_get(SPY, auto_ack=True)
        if method is None:
            break
        found.append(f"{method.exchange}\n{method.routing_key}\n{properties}\n".encode() + (body or b""))
    channel.queue_delete(SPY)
    connection.close()
    return found


def _answers(made: Platform, key: str) -> dict[str, set[str]]:
    """What is found in answers, bodies and headers, by service and path."""
    places = []
    for service, path in ANSWERS:
        answer = ask(made.urls[service] + path, key=key if service == "routing" else made.operator)
        assert answer.status < 400, (service, path, answer)
        places.append((f"{service} {path}", f"{answer.headers}{answer.body}".encode()))
    return dict(kinds_by_place(places))


def test_no_message_on_the_broker_holds_any(searched: Searched) -> None:
    exchanges = {each.split(b"\n", 1)[0].decode() for each in searched.broker}
    assert exchanges == {PUBLIC_EXCHANGE, PRIVATE_EXCHANGE}, "both were listened to"
    private = {each.split(b"\n")[1].decode().rpartition(".v1")[0] for each in searched.broker}
    assert private >= {"concern.submitted", "contact.given", "word.given", "word.recorded", "objection.given"}
    assert {each.split(b"\n")[1]: kinds_in(each) for each in searched.broker if kinds_in(each)} == {}


def test_the_log_for_replays_holds_none(searched: Searched) -> None:
    assert "concern.resolved.v1" in searched.log
    assert kinds_in(searched.log.encode()) == set()


def test_no_file_holds_more_than_its_service_owns(searched: Searched) -> None:
    assert searched.files == FILES


def test_no_answer_to_operators_or_the_public_holds_any(searched: Searched) -> None:
    assert searched.answers == {}


def test_no_webhook_holds_any(searched: Searched) -> None:
    assert len(searched.hooks.got) > 10
    for _, headers, body in searched.hooks.got:
        assert kinds_in(f"{headers}".encode() + body) == set()


def test_what_is_shown_once_is_kept_nowhere(searched: Searched) -> None:
    """Receipt, link, key and signing secret are hashed, sealed or not kept: in files, on the broker, in its log."""
    assert all(len(each) >= 16 for each in searched.secrets.values())
    assert searched.leaked == set()


def test_what_was_refused_was_refused(searched: Searched) -> None:
    assert all(200 <= each < 500 for each in searched.refused)


def test_an_error_of_the_database_is_told_without_what_was_written(searched: Searched) -> None:
    """That no log quotes it, `test_no_file_holds_more_than_its_service_owns` has seen."""
    assert all(each >= 500 for each in searched.failed)


def test_whom_it_is_for_can_read_it(searched: Searched) -> None:
    """The reporter, by mail and receipt; the officers, why it is not fixed. Nothing of anybody else's."""
    to_ana = _mailed_to_ana(searched.mails)
    assert MAILED <= to_ana <= MAILED | OFFICERS, "her own words and number are not mailed about"
    assert {str(each["To"]) for each in searched.mails} <= {ANA}
    told = kinds_in(json.dumps(searched.account).encode())
    assert told == {"update", "promise", "renegotiate", "resolve"}, "of this concern, and no contact"
    assert kinds_in(json.dumps(searched.case).encode()) == {"update", "promise", "renegotiate", "resolve", "objection"}
