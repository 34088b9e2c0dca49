"""Notification with a real broker, database and mail server: every reporter is told once, whatever happens."""

import json
import signal
import sqlite3
import time
from collections import Counter
from pathlib import Path
from random import Random

import pika
import pytest
from cryptography.fernet import Fernet
from notice_events import contact_of, routed, unroutable
from service_process import OPS_TOKEN, ServiceProcess, prepare, publish, until

from concord_bus.topology.definitions import definitions
from concord_contracts import Codec, Keyrings
from concord_contracts.messages import NotificationDelivered, NotificationFailed
from concord_nodes.mail_catcher import MailCatcher
from concord_nodes.tcp_ports import choose_port, free_port

CITY = Path(__file__).parents[3] / "deploy" / "sample" / "boston" / "city"
CONCERNS = 60


@pytest.fixture
def keys():
    return {
        "CONCORD_KEYS_NOTIFICATION": Fernet.generate_key().decode(),
        "CONCORD_VAULT_KEYS": Fernet.generate_key().decode(),
        "CONCORD_LINK_KEY": "k" * 32,
    }


@pytest.fixture
def codec(keys):
    return Codec(Keyrings.from_env(keys))


def environment(vhost, database, smtp_url, keys):
    """As notification's own login, which may do nothing but its work."""
    prepare(vhost)
    node = vhost.node
    node.management.import_definitions(definitions({"notification": "its-password"}, vhost.name))
    return {
        "CONCORD_BROKER_URL": node.amqp_url("notification", "its-password", vhost.name),
        "CONCORD_DATABASE_URL": database,
        "CONCORD_CITY": str(CITY),
        "CONCORD_SMTP_URL": smtp_url,
        "CONCORD_MAIL_FROM": "Boston <concord@example.org>",
        **keys,
    }


def serve(tmp_path, env):
    return ServiceProcess("notification", tmp_path, choose_port(0, 0, "HTTP"), env)


def deliveries(service, query):
    return service.json(f"/v1/deliveries{query}", OPS_TOKEN)


def told(vhost, codec, count):
    """That many of the events notification published; a kill may have it publish one twice, under the same id."""
    connection = pika.BlockingConnection(pika.URLParameters(vhost.amqp_url))
    channel, found = connection.channel(), {}

    def look():
        while True:
            method, _, body = channel.basic_get("metrics.events", auto_ack=True)
            if method is None:
                return len(found) >= count
            event = codec.decode(body)
            if event.type.startswith("notification."):
                found[event.id] = event

    try:
        until(look)
    finally:
        connection.close()
    return list(found.values())


def story():
    """Every third concern is unroutable first, every fourth reporter reads Spanish, every tenth left no e-mail."""
    for number in range(CONCERNS):
        concern = f"c{number:02}"
        details = {"email": None, "phone": "617-555-0123"} if number % 10 == 0 else {}
        yield contact_of(concern, language="es" if number % 4 == 0 else "en", **details)
        if number % 3 == 0:
            yield unroutable(concern)
        yield routed(concern, sequence=2)


def test_every_reporter_is_told_once_in_any_order_and_across_a_kill(tmp_path, vhost, databases, mail, keys, codec):
    line = list(story())
    line += line[::3]
    Random(11).shuffle(line)
    half = len(line) // 2
    env = environment(vhost, databases, mail.url, keys)
    with serve(tmp_path, env) as service:
        publish(vhost.amqp_url, codec, line[:half])
        until(lambda: service.ledger()["delivered"] >= 3)
        service.kill()
    publish(vhost.amqp_url, codec, line[half:])

    with serve(tmp_path, env) as service:
        until(lambda: _settled(service.ledger()), 90)  # on PostgreSQL the claims of the dead end after a minute
        ledger = service.ledger()
        log = service.log.read_text()
        exposition = service.get("/metrics")[1]

    assert (ledger["contacts"], ledger["unanswered"], ledger["parked"], ledger["waiting"]) == (60, 0, 0, 0)
    events = told(vhost, codec, ledger["delivered"] + ledger["failed"])
    final = {each.partitionkey: each.data for each in sorted(events, key=lambda each: each.sequence)}
    assert len(final) == CONCERNS
    assert Counter(type(each) for each in final.values()) == {NotificationDelivered: 54, NotificationFailed: 6}
    assert {each.reason for each in final.values() if isinstance(each, NotificationFailed)} == {"no_address"}
    assert len({(each.partitionkey, each.sequence) for each in events}) == len(events)
    mails = mail.wait_for(54)
    uncertain = sum(each.data.uncertain for each in events if isinstance(each.data, NotificationDelivered))
    ids = Counter(str(each["Message-ID"]) for each in mails)
    assert ledger["delivered"] <= len(ids) <= ledger["delivered"] + ledger["overtaken"]
    assert sum(ids.values()) - len(ids) <= uncertain
    assert ledger["uncertain"] == uncertain + ledger["overtaken"]
    assert all("Distrito" in each["Subject"] or "aviso" in each["Subject"] for each in mails if _spanish(each))
    assert "example.org" not in log
    assert "Ana" not in log
    assert "example.org" not in exposition
    assert f'concord_notification_notices{{state="delivered"}} {ledger["delivered"]}.0' in exposition


def _settled(ledger):
    """Sixty concerns are told of; those whose first notice went out before the second decision came, twice."""
    return ledger["delivered"] + ledger["failed"] >= CONCERNS and not (
        ledger["due"] or ledger["sending"] or ledger["outbox"] or ledger["unanswered"]
    )


def _spanish(mail):
    return mail["Content-Language"] == "es"


def test_two_processes_on_postgresql_send_each_mail_once(tmp_path, vhost, postgres_url, mail, keys, codec):
    env = environment(vhost, postgres_url, mail.url, keys)
    concerns = [f"c{number:03}" for number in range(300)]
    line = [event for each in concerns for event in (contact_of(each), routed(each))]
    Random(3).shuffle(line)
    with serve(tmp_path, env) as one, serve(tmp_path, env):
        publish(vhost.amqp_url, codec, line)
        until(lambda: one.ledger()["delivered"] == 300, 60)
        assert one.ledger()["uncertain"] == 0
    assert sorted(str(each["To"]) for each in mail.messages) == [f"{each}@example.org" for each in concerns]


def test_a_mail_server_that_is_away_stops_nothing_but_the_mails(tmp_path, vhost, sqlite_url, keys, codec):
    port = free_port()
    env = environment(vhost, sqlite_url, f"smtp://127.0.0.1:{port}", keys)
    with serve(tmp_path, env) as service:
        publish(vhost.amqp_url, codec, [contact_of("a"), routed("a")])
        until(lambda: service.get("/readyz")[0] == 503)
        assert json.loads(service.get("/readyz")[1])["reasons"] == ["the mail server takes no mail (connection)"]
        publish(vhost.amqp_url, codec, [event for n in range(50) for event in (contact_of(f"b{n}"), routed(f"b{n}"))])
        until(lambda: service.ledger()["due"] == 51)
        assert service.get("/healthz")[0] == 200
        with MailCatcher(port) as catcher:
            catcher.wait_for(51, 60)
            until(lambda: service.ledger()["delivered"] == 51)
            until(lambda: service.get("/readyz")[0] == 200)


def test_killed_at_the_moment_of_sending(tmp_path, vhost, sqlite_url, mail, keys, codec):
    env = environment(vhost, sqlite_url, mail.url, keys)
    mail.hang()
    with serve(tmp_path, env) as service:
        publish(vhost.amqp_url, codec, [contact_of("a"), routed("a")])
        until(lambda: service.ledger()["sending"] == 1)
        service.kill()
    mail.accept()
    with serve(tmp_path, env) as service:
        until(lambda: service.ledger()["delivered"] == 1)
        assert service.ledger()["uncertain"] == 1
        assert "concord_notification_uncertain_total 1.0" in service.get("/metrics")[1]
    [event] = told(vhost, codec, 1)
    assert (event.data.uncertain, event.data.attempts) == (True, 2)


def test_stopped_while_the_mail_server_hangs(tmp_path, vhost, sqlite_url, mail, keys, codec):
    env = environment(vhost, sqlite_url, mail.url, keys)
    mail.hang()
    with serve(tmp_path, env) as service:
        publish(vhost.amqp_url, codec, [contact_of("a"), routed("a")])
        until(lambda: service.ledger()["sending"] == 1)
        started = time.monotonic()
        service.process.send_signal(signal.SIGTERM)
        assert service.process.wait(10) == 0
        assert time.monotonic() - started < 9
    with sqlite3.connect(sqlite_url.removeprefix("sqlite:///")) as database:
        kept = database.execute("SELECT state, attempts, uncertain FROM deliveries").fetchall()
    assert kept == [("due", 1, 1)]


def test_what_failed_can_be_looked_at(tmp_path, vhost, databases, mail, keys, codec):
    env = environment(vhost, databases, mail.url, keys)
    mail.fail_with(550)
    with serve(tmp_path, env) as service:
        assert deliveries(service, "") == {"deliveries": [], "next": None}
        publish(vhost.amqp_url, codec, [event for n in range(5) for event in (contact_of(f"c{n}"), routed(f"c{n}"))])
        until(lambda: service.ledger()["failed"] == 5)
        first = deliveries(service, "?limit=3")
        second = deliveries(service, f"?state=failed&limit=3&cursor={first['next']}")
        assert second["next"] is None
        found = first["deliveries"] + second["deliveries"]
        assert sorted(each["concern_id"] for each in found) == [f"c{n}" for n in range(5)]
        assert {(each["state"], each["reason"], each["attempts"]) for each in found} == {("failed", "refused", 1)}
        assert "example.org" not in json.dumps(found)
        assert deliveries(service, "?state=delivered")["deliveries"] == []
        for query, field in (
            ("state=lost", "state"),
            ("limit=0", "limit"),
            ("limit=x", "limit"),
            ("cursor=!", "cursor"),
        ):
            status, body = service.get(f"/v1/deliveries?{query}", OPS_TOKEN)
            assert status == 400, query
            assert json.loads(body)["errors"][0]["field"] == field
        assert service.get("/v1/deliveries")[0] == service.get("/v1/deliveries", "wrong")[0] == 401
        assert "/v1/deliveries" in service.json("/openapi.json")["paths"]


def test_the_database_holds_nobody_s_name(tmp_path, vhost, sqlite_url, mail, keys, codec):
    env = environment(vhost, sqlite_url, mail.url, keys)
    with serve(tmp_path, env) as service:
        publish(vhost.amqp_url, codec, [contact_of("a", name="Anastasia Person"), routed("a")])
        until(lambda: service.ledger()["delivered"] == 1)
    content = b"".join(each.read_bytes() for each in tmp_path.glob("*.db*"))
    assert b"deliveries" in content
    assert b"Anastasia" not in content
    assert b"a@example.org" not in content
