"""Webhooks from the real broker to real HTTPS receivers, through the service as it is run."""

import base64
import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from click.testing import CliRunner
from notice_events import routed
from service_process import OPS_TOKEN, publish, until
from standardwebhooks import Webhook
from webhook_receiver import Reply
from webhook_stage import ROUTED, add, call, serve, settings

from concord_cli.commands import concord
from concord_nodes.tcp_ports import free_port

ROOT = Path(__file__).parents[3]
EXAMPLE = ROOT / "deploy" / "examples" / "webhook_receiver.py"
GUIDE = ROOT / "docs" / "guide" / "webhooks.md"


def test_granted_events_arrive_signed_and_once(tmp_path, vhost, databases, keys, codec, authority, receiver):
    with serve(tmp_path, settings(vhost, databases, keys, authority)) as service:
        made = add(service, "parks", receiver.url("/hook?k=1"), areas=["D4"])
        add(service, "elsewhere", receiver.url("/other"), areas=["B2"])
        events = [routed(f"c{number}") for number in range(30)]
        publish(vhost.amqp_url, codec, [*events, *events[:5]])
        until(lambda: len(receiver.got) >= 30)
        until(lambda: call(service, "GET", "/v1/webhooks/parks/deliveries?state=delivered&limit=200")[1]["deliveries"])
        until(lambda: "concord_webhooks_oldest_due_seconds 0.0" in service.get("/metrics")[1])
        exposition = service.get("/metrics")[1]
    assert sorted(receiver.ids("/hook?k=1")) == sorted(each.id for each in events)
    assert receiver.ids("/other") == []
    for each in receiver.got:
        read = Webhook(made["secret"]).verify(each.body, dict(each.headers))
        assert each.body == codec.encode(next(event for event in events if event.id == read["id"])).body
        assert each.headers["content-type"] == "application/cloudevents+json"
        assert each.headers["host"] == f"localhost:{receiver.port}"
    assert 'concord_webhooks_attempts_total{result="taken"} 30.0' in exposition
    assert 'concord_webhooks_endpoints{state="active"} 2.0' in exposition


def test_gone_ends_it_and_a_failure_can_be_replayed(tmp_path, vhost, sqlite_url, keys, codec, authority, receiver):
    receiver.reply = lambda got: Reply(410)
    with serve(tmp_path, settings(vhost, sqlite_url, keys, authority)) as service:
        add(service, "parks", receiver.url())
        first, second = routed("a"), routed("b")
        publish(vhost.amqp_url, codec, [first])
        until(lambda: call(service, "GET", "/v1/webhooks/parks")[1]["state"] == "disabled")
        publish(vhost.amqp_url, codec, [second])
        failed = "/v1/webhooks/parks/deliveries"
        until(lambda: len(call(service, "GET", failed)[1]["deliveries"]) == 2)
        found = {each["event_id"]: each for each in call(service, "GET", failed)[1]["deliveries"]}
        assert (found[first.id]["reason"], found[first.id]["result"]) == ("gone", "status 410")
        assert (found[second.id]["reason"], found[second.id]["attempts"]) == ("disabled", 0)
        assert call(service, "POST", "/v1/webhooks/parks/replay", {"event_id": first.id})[0] == 409
        receiver.reply = lambda got: Reply(200)
        assert call(service, "POST", "/v1/webhooks/parks/enable")[1]["state"] == "active"
        since = {"since": "2026-01-01T00:00:00Z"}
        assert call(service, "POST", "/v1/webhooks/parks/replay", since) == (200, {"replayed": 2})
        until(lambda: len(receiver.got) == 3)
        until(lambda: call(service, "GET", failed)[1]["deliveries"] == [])
    assert receiver.ids() == [first.id, *sorted([first.id, second.id])]
    assert audited(sqlite_url) == [("operator", f"webhook.{each}") for each in ("added", "enabled", "replayed")]


def audited(database):
    """Who did what, as `concord audit list` tells it."""
    listed = CliRunner().invoke(concord, ["audit", "list", "--json", "--database", database])
    assert listed.exit_code == 0, listed.output
    return [(each["actor"], each["action"]) for each in map(json.loads, listed.stdout.splitlines())]


def concord_webhook(service, *arguments):
    """Exit code and standard output of `concord webhook`."""
    env = {"CONCORD_NOTIFICATION_URL": service.base, "CONCORD_OPS_TOKEN": OPS_TOKEN}
    result = CliRunner().invoke(concord, ["webhook", *arguments], env=env, prog_name="concord")
    assert isinstance(result.exception, SystemExit | None), result.exception
    return result.exit_code, result.stdout


def test_the_whole_of_it_by_command(tmp_path, vhost, sqlite_url, keys, codec, authority, receiver):
    receiver.reply = lambda got: Reply(500)
    with serve(tmp_path, settings(vhost, sqlite_url, keys, authority)) as service:
        wish = ("--url", receiver.url(), "--types", ROUTED, "--areas", "D4,B2", "--contact", "ops@example.org")
        code, first = concord_webhook(service, "add", "parks", *wish)
        assert (code, first.startswith("whsec_")) == (0, True)
        assert concord_webhook(service, "add", "parks", *wish) == (1, "")
        assert concord_webhook(service, "add", "others", "--url", "https://10.0.0.1/", "--types", ROUTED) == (2, "")
        assert concord_webhook(service, "add", "others", "--url", receiver.url(), "--types", "concern.x.v1") == (2, "")
        event = routed("a")
        publish(vhost.amqp_url, codec, [event])
        until(lambda: "status 500" in concord_webhook(service, "failures", "parks", "--state", "due")[1])
        assert "active, failing" in concord_webhook(service, "list")[1]
        assert "B2" in concord_webhook(service, "show", "parks")[1]
        code, second = concord_webhook(service, "rotate", "parks", "--overlap", "2d")
        assert (code, second != first, "2 live" in concord_webhook(service, "show", "parks")[1]) == (0, True, True)
        assert concord_webhook(service, "disable", "parks") == (0, "parks is disabled (operator).\n")
        assert event.id in concord_webhook(service, "failures", "parks")[1]
        assert concord_webhook(service, "replay", "parks", event.id) == (1, "")
        receiver.reply = lambda got: Reply(200)
        assert concord_webhook(service, "enable", "parks") == (0, "parks is active.\n")
        before = len(receiver.got)
        assert concord_webhook(service, "replay", "parks", event.id) == (0, "1 event is sent again.\n")
        until(lambda: len(receiver.got) > before)
        assert concord_webhook(service, "replay", "parks", "unknown") == (1, "")
        assert concord_webhook(service, "replay", "parks")[0] == 2
        assert concord_webhook(service, "remove", "parks", "--yes") == (0, "Removed parks.\n")
        assert concord_webhook(service, "show", "parks") == (1, "")
    last = receiver.got[-1]
    for secret in (first.strip(), second.strip()):
        assert Webhook(secret).verify(last.body, dict(last.headers))["id"] == event.id
    kept = b"".join(each.read_bytes() for each in tmp_path.glob("*.db*"))
    assert b"whsec_" not in kept
    assert b"ops@example.org" not in kept
    assert "whsec_" not in service.log.read_text()


def test_slow_receivers_delay_no_other_and_end_at_their_deadline(
    tmp_path, vhost, sqlite_url, keys, codec, authority, receiver
):
    """One says nothing, one lets its answer's head drip: both end after 15 seconds, and are tried again."""
    slow = {"/hangs": Reply(hang=60), "/drips": Reply(headers={"X-Long": "x" * 40}, drip_head=1.0)}
    receiver.reply = lambda got: slow.get(got.path, Reply())
    with serve(tmp_path, settings(vhost, sqlite_url, keys, authority)) as service:
        for name in ("hangs", "drips", *(f"fine{number}" for number in range(10))):
            add(service, name, receiver.url(f"/{name}"))
        begun = time.monotonic()
        publish(vhost.amqp_url, codec, [routed(f"c{number}") for number in range(5)])
        until(lambda: sum(each.path.startswith("/fine") for each in receiver.got) == 50)
        assert time.monotonic() - begun < 14, "before the slow ones came to an end"
        for name in ("hangs", "drips"):
            due = f"/v1/webhooks/{name}/deliveries?state=due"
            until(lambda due=due: any(each["result"] for each in call(service, "GET", due)[1]["deliveries"]), 60)
            [tried] = [each for each in call(service, "GET", due)[1]["deliveries"] if each["result"]]
            assert (tried["result"], tried["attempts"]) == ("timeout", 1)
        assert time.monotonic() - begun > 14
    assert service.process.returncode == 0


def test_killed_while_sending_it_is_sent_once_more(tmp_path, vhost, sqlite_url, keys, codec, authority, receiver):
    receiver.reply = lambda got: Reply(hang=60)
    env = settings(vhost, sqlite_url, keys, authority)
    event = routed("a")
    with serve(tmp_path, env) as service:
        add(service, "parks", receiver.url())
        publish(vhost.amqp_url, codec, [event])
        until(lambda: len(receiver.got) == 1)
        service.kill()
    receiver.reply = lambda got: Reply()
    with serve(tmp_path, env) as service:
        until(lambda: call(service, "GET", "/v1/webhooks/parks/deliveries?state=delivered")[1]["deliveries"])
    assert receiver.ids() == [event.id, event.id]


def test_two_processes_send_each_event_once_and_a_contact_hears_of_the_end(
    tmp_path, vhost, postgres_url, keys, codec, authority, receiver, mail
):
    env = settings(vhost, postgres_url, keys, authority, mail.url)
    with serve(tmp_path, env) as one, serve(tmp_path, env) as other:
        for number in range(4):
            add(one, f"e{number}", receiver.url(f"/{number}"))
        add(other, "gone", receiver.url("/gone"), contact="ops@example.org")
        receiver.reply = lambda got: Reply(410 if got.path == "/gone" else 200)
        until(lambda: len(call(one, "GET", "/v1/webhooks")[1]["endpoints"]) == 5)
        time.sleep(1.1)  # the list of endpoints may be a second old in either process
        events = [routed(f"c{number}") for number in range(40)]
        publish(vhost.amqp_url, codec, events)
        for number in range(4):
            until(lambda path=f"/{number}": len(set(receiver.ids(path))) == 40)
        [told] = mail.wait_for(1)
    for number in range(4):
        assert sorted(receiver.ids(f"/{number}")) == sorted(each.id for each in events)
    assert (told["To"], told["Subject"]) == ("ops@example.org", "Webhook gone is disabled")
    assert receiver.ids("/gone"), "by one of the two"


def test_the_guide_s_receiver_takes_each_event_once(tmp_path, vhost, sqlite_url, keys, codec, authority):
    port, output = free_port(), tmp_path / "receiver"
    with serve(tmp_path, settings(vhost, sqlite_url, keys, authority)) as service:
        secret = add(service, "parks", f"http://localhost:{port}/")["secret"]
        env = {**os.environ, "CONCORD_WEBHOOK_SECRET": secret, "PORT": str(port)}
        with output.open("wb") as out:
            process = subprocess.Popen([sys.executable, EXAMPLE], env=env, stdout=out, stderr=subprocess.DEVNULL)
        try:
            until(lambda: _listens(port))
            event = routed("a")
            publish(vhost.amqp_url, codec, [event, routed("b")])
            delivered = "/v1/webhooks/parks/deliveries?state=delivered"
            until(lambda: len(call(service, "GET", delivered)[1]["deliveries"]) == 2)
            assert concord_webhook(service, "replay", "parks", event.id)[0] == 0
            until(lambda: len(call(service, "GET", delivered)[1]["deliveries"]) == 2)
            forged = urllib.request.Request(f"http://127.0.0.1:{port}/", data=b"{}", headers={"webhook-id": "x"})
            with pytest.raises(urllib.error.HTTPError, match="400"):
                urllib.request.urlopen(forged, timeout=5)
        finally:
            process.terminate()
            process.wait(10)
    assert sorted(output.read_text().splitlines()) == [f"{ROUTED} a D4", f"{ROUTED} b D4"]


def _listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_the_guide_shows_the_example_as_it_is():
    core = EXAMPLE.read_text().partition("WEBHOOK = ")[2].partition("\n\n\nserver = ")[0]
    assert core in GUIDE.read_text()
    assert len(core.splitlines()) <= 20


WISH = {"name": "parks", "url": "https://localhost/", "types": [ROUTED]}
BAD = {
    "name": ("", "Parks", "p" * 41, "a\x00", 7, None),
    "url": ("", "http://hooks.example.org/", "https://10.0.0.1/", "https://u:p@localhost/", "x" * 3000, [], "\x00"),
    "types": ([], ["contact.given.v1"], ["#"], "concern.routed.v1", [7], None),
    "areas": ([], [""], ["x" * 65], "B2", {}),
    "contact": ("nobody", "a@b\r\nBcc: c@example.org", "", 7),
    "unknown": ("x",),
}


def test_bad_input_is_refused_by_its_field(tmp_path, vhost, databases, keys, authority):
    with serve(tmp_path, settings(vhost, databases, keys, authority)) as service:
        for field, values in BAD.items():
            for value in values:
                status, problem = call(service, "POST", "/v1/webhooks", WISH | {field: value})
                assert (status, problem["errors"][0]["field"].partition(".")[0]) == (422, field), value
        assert call(service, "POST", "/v1/webhooks", [])[0] == 422
        add(service, "parks", "https://localhost/")
        for path, body in (
            ("rotate", {"overlap_seconds": -1}),
            ("rotate", {"overlap_seconds": 10**30}),
            ("rotate", {"overlap_seconds": "1"}),
            ("replay", {}),
            ("replay", {"event_id": "a", "since": "2026-01-01T00:00:00Z"}),
            ("replay", {"event_id": "a\x00"}),
            ("replay", {"since": "2026-01-01T00:00:00"}),
            ("replay", {"since": "yesterday"}),
        ):
            assert call(service, "POST", f"/v1/webhooks/parks/{path}", body)[0] == 422, (path, body)
        for which in ("water", "%C3%B1", "x" * 200, "wh_0"):
            for method, path in (("GET", ""), ("DELETE", ""), ("POST", "/disable"), ("GET", "/deliveries")):
                assert call(service, method, f"/v1/webhooks/{which}{path}")[0] == 404, (which, path)
        nul = base64.urlsafe_b64encode(b"2026-01-01T00:00:00+00:00 a\x00").decode()
        early = base64.urlsafe_b64encode(b"0001-01-01T00:00:00+14:00 a").decode()
        for query in ("state=lost", "limit=0", "cursor=x", f"cursor={nul}", f"cursor={early}"):
            assert call(service, "GET", f"/v1/webhooks/parks/deliveries?{query}")[0] == 400, query
        assert service.get("/v1/webhooks")[0] == service.get("/v1/webhooks", "wrong")[0] == 401
        assert "/v1/webhooks/{endpoint}/replay" in service.json("/openapi.json")["paths"]
