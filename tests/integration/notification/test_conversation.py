"""What is done about a concern reaches the reporter by mail, and the link in it leads to intake's page."""

import json
import re
import shutil
import sqlite3
import urllib.request
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from notice_events import contact_of, missed, renegotiated, routed, withdrawn, word_about, worked
from service_process import ServiceProcess, publish, until
from test_notification_service import CITY, environment, serve, told

from concord_contracts import Codec, Keyrings
from concord_contracts.encryption import RECIPIENTS, new_key, variable
from concord_contracts.messages import NotificationDelivered
from concord_nodes.tcp_ports import choose_port

CANARY = "Canary of an officer"


@pytest.fixture
def keys():
    sealing = {variable(each): new_key() for each in RECIPIENTS}
    return {**sealing, "CONCORD_VAULT_KEYS": new_key(), "CONCORD_LINK_KEY": "k" * 32}


@pytest.fixture
def codec(keys):
    return Codec(Keyrings.from_env(keys))


def story(concern, language):
    """Routed, seen, more time, resolved, opened again, declined: with the words that belong to it."""
    more, end = renegotiated(concern, 3), worked("resolved", concern, 5)
    no = worked("declined", concern, 9)
    return [
        *(contact_of(concern, language=language), routed(concern), worked("acknowledged", concern, 2)),
        *(more, word_about(more, CANARY), end, word_about(end, CANARY), worked("reopened", concern, 7)),
        *(no, word_about(no, CANARY, where_to_go="The county")),
    ]


def just_missed(concern, sequence, **options):
    """A promise that was due an hour ago: for one due over a week ago notification sends the supervisor no mail."""
    event, now = missed(concern, sequence, **options), datetime.now(UTC)
    return replace(event, time=now, data=replace(event.data, missed_at=now, due_at=now - timedelta(hours=1)))


def test_whatever_the_order_no_mail_is_sent_twice_and_the_last_word_is_told(
    tmp_path, vhost, databases, mail, keys, codec
):
    line = [event for number in range(20) for event in story(f"c{number}", "es" if number % 2 else "en")]
    line += [event for number in range(5) for event in (withdrawn(f"w{number}"), *story(f"w{number}", "en"))]
    line += [just_missed("c0", 11), just_missed("c1", 11, team="district-D4")]
    line += line[::4]
    Random(5).shuffle(line)
    env = environment(vhost, databases, mail.url, keys)
    with serve(tmp_path, env) as service:
        publish(vhost.amqp_url, codec, line)
        until(lambda: _quiet(service.ledger()), 60)
        ledger = service.ledger()
        log = service.log.read_text()
    events = [each for each in told(vhost, codec, ledger["delivered"]) if isinstance(each.data, NotificationDelivered)]
    assert ledger["supervisors_told"] == 1
    assert {each.partitionkey for each in events if each.data.notice == "declined"} >= {f"c{n}" for n in range(20)}
    causes = [each.data.cause_id for each in events]
    assert len(causes) == len(set(causes)) == ledger["delivered"]
    assert len({(each.partitionkey, each.sequence) for each in events}) == len(events)
    assert len(mail.messages) == ledger["delivered"] + 1
    assert CANARY not in log
    [to_supervisor] = [each for each in mail.messages if each["To"] == "district-d4-supervisor@example.org"]
    assert "c1" in to_supervisor.get_content()
    assert "@" not in to_supervisor.get_content()


def _quiet(ledger):
    """Twenty concerns are declined in the end, of which nobody waits to be told."""
    waits = ("due", "sending", "outbox", "unanswered", "supervisors_due", "waiting")
    return ledger["contacts"] == 25 and ledger["supervisors_told"] and not any(ledger[each] for each in waits)


def test_the_link_in_the_mail_opens_the_page_at_intake(tmp_path, vhost, sqlite_url, mail, keys, codec):
    port = choose_port(0, 0, "HTTP")
    env = environment(vhost, sqlite_url, mail.url, keys)
    env["CONCORD_PUBLIC_URL"] = f"http://127.0.0.1:{port}"
    at_intake = {
        **env,
        "CONCORD_BROKER_URL": vhost.amqp_url,
        "CONCORD_DATABASE_URL": f"sqlite:///{tmp_path / 'intake.db'}",
        "CONCORD_RECEIPT_KEY": "r" * 32,
    }
    with ServiceProcess("intake", tmp_path, port, at_intake) as intake, serve(tmp_path, env):
        reported = {
            "category": "graffiti",
            "description": "Paint",
            "address": "1 Main Street",
            "contact": {"email": "ana@example.org", "language": "es"},
        }
        concern = _post(f"{intake.base}/v1/concerns", reported)["id"]
        end = worked("resolved", concern, 2)
        publish(vhost.amqp_url, codec, [word_about(end, CANARY), routed(concern), end])
        found = until(lambda: [each for each in mail.messages if "resuelto" in str(each["Subject"])])
        body = found[0].get_content()
        assert f"    {CANARY}" in body
        link = re.search(r"http://\S+", body).group()
        assert concern not in link
        with urllib.request.urlopen(link, timeout=10) as page:
            assert "¿Está resuelto?" in page.read().decode()
        answer = _post(f"{intake.base}/v1/feedback", {"token": link.rpartition("/")[2], "fixed": True, "voice": 5})
        assert (answer["concern_id"], answer["fixed"]) == (concern, True)


def _post(url, content):
    request = urllib.request.Request(url, json.dumps(content).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


def _counts(service, *names):
    ledger = service.ledger()
    return [ledger[name] for name in names]


@pytest.fixture
def city_with_mails(tmp_path):
    """The sample city. The works team gets its mails at once, district D4 a digest."""
    folder = tmp_path / "city"
    shutil.copytree(CITY, folder)
    teams = (folder / "teams.toml").read_text("utf-8")
    for code, mails in (("public-works", 'mails = "at_once"'), ("district-D4", 'mails = "daily"')):
        before, mark, after = teams.partition(f'code = "{code}"\n')
        teams = f"{before}{mark}{mails}\n{after}"
    (folder / "teams.toml").write_text(teams, "utf-8")
    return folder


def test_teams_read_of_their_cases_at_once_and_in_a_digest(
    tmp_path, vhost, sqlite_url, mail, keys, codec, city_with_mails
):
    env = environment(vhost, sqlite_url, mail.url, keys)
    env |= {"CONCORD_CITY": str(city_with_mails), "CONCORD_DESK_URL": "https://desk.example.org"}
    past = replace(routed("old", team="public-works"), recorded=datetime.now(UTC))
    line = [past, *(routed(f"w{number}", team="public-works") for number in range(3))]
    line += [*(routed(f"d{number}", team="district-D4") for number in range(4)), contact_of("w1")]
    with serve(tmp_path, env) as service:
        publish(vhost.amqp_url, codec, line + line[::2])
        until(lambda: _counts(service, "teams_told", "teams_due", "delivered", "waiting") == [3, 1, 1, 0], 120)
        with sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), timeout=20) as database:
            due = "(SELECT min(due_at) FROM deliveries)"  # as if it were seven o'clock
            database.execute(f"UPDATE deliveries SET not_before = {due} WHERE contact_id = 'digest'")
        until(lambda: service.ledger()["teams_told"] == 4)
        ledger, log = service.ledger(), service.log.read_text()
    at_once = [each for each in mail.messages if each["To"] == "public-works@example.org"]
    assert sorted(str(each["Subject"]) for each in at_once) == [f"New case case-w{n}: Noise" for n in range(3)]
    [digest] = [each for each in mail.messages if each["To"] == "district-d4@example.org"]
    assert digest["Subject"] == "What is new in the cases of your team (4)"
    assert digest.get_content().count("https://desk.example.org/desk/cases/case-d") == 4
    [to_reporter] = [each for each in mail.messages if each["To"] == "w1@example.org"]
    assert "/track/" in to_reporter.get_content()
    assert (ledger["teams_due"], len(mail.messages)) == (0, 5)
    assert "example.org" not in log


def test_the_database_holds_no_officers_words(tmp_path, vhost, sqlite_url, mail, keys, codec):
    env = environment(vhost, sqlite_url, mail.url, keys)
    with serve(tmp_path, env) as service:
        update = worked("updated", "a", 2)
        publish(vhost.amqp_url, codec, [word_about(update, CANARY), update, contact_of("a")])
        until(lambda: service.ledger()["delivered"] == 1)
    assert CANARY in mail.messages[0].get_content()
    with sqlite3.connect(sqlite_url.removeprefix("sqlite:///")) as database:
        assert database.execute("SELECT count(*) FROM words").fetchone() == (1,)
    content = b"".join(each.read_bytes() for each in tmp_path.glob("*.db*"))
    assert CANARY.encode() not in content
