"""What only webhooks need comes from the broker while an endpoint is granted it, through the service as it is run."""

import json
import time
from urllib.parse import quote

import pytest
from mute_broker import MuteBroker
from notice_events import routed
from service_process import publish, until
from webhook_broker import KEPT, MADE, bind_all, bound, promise_kept, promise_made
from webhook_stage import ROUTED, Own, add, call, serve, settings

from concord_bus.topology.declarations import WEBHOOKS, queues_of

PATIENCE = 8.0
"""Longer no operator is kept waiting, whatever the broker does."""


@pytest.fixture
def own(rabbit_own):
    """A virtual host on a node of this test's own."""
    made = Own(rabbit_own, "own")
    rabbit_own.management.create_vhost(made.name)
    return made


def handled(service):
    return service.ledger()["handled"]


def arrived(receiver, *events):
    return sorted(receiver.ids()) == sorted(each.id for each in events)


def reasons(service):
    return json.loads(service.get("/readyz")[1]).get("reasons", [])


def test_what_nobody_is_granted_does_not_come_and_what_somebody_is_does_at_once(
    tmp_path, vhost, sqlite_url, keys, codec, authority, receiver
):
    env = settings(vhost, sqlite_url, keys, authority)
    bind_all(vhost.node, vhost.name)
    assert bound(vhost.node, vhost.name) == set(WEBHOOKS.at_will)
    with serve(tmp_path, env) as service:
        assert bound(vhost.node, vhost.name) == set(), "what was left over is gone when the service is ready"
        publish(vhost.amqp_url, codec, [promise_made("a"), promise_kept("a"), routed("a")])
        until(lambda: handled(service) == 1)
        add(service, "plain", receiver.url("/plain"), types=[ROUTED])
        assert bound(vhost.node, vhost.name) == set()
        add(service, "parks", receiver.url(), types=[ROUTED, MADE])
        assert bound(vhost.node, vhost.name) == {MADE}
        wanted = promise_made("b")
        publish(vhost.amqp_url, codec, [wanted, promise_kept("b")])
        until(lambda: arrived(receiver, wanted))
        assert handled(service) == 2
        delivered = "/v1/webhooks/parks/deliveries?state=delivered"
        until(lambda: call(service, "GET", delivered)[1]["deliveries"])
        assert call(service, "POST", "/v1/webhooks/parks/disable")[0] == 200
        missed = promise_made("c")
        publish(vhost.amqp_url, codec, [missed])
        failed = "/v1/webhooks/parks/deliveries"
        until(lambda: [each["event_id"] for each in call(service, "GET", failed)[1]["deliveries"]] == [missed.id])
        assert call(service, "DELETE", "/v1/webhooks/parks")[0] == 204
        assert bound(vhost.node, vhost.name) == set()
        plain = routed("d")
        publish(vhost.amqp_url, codec, [promise_made("d"), plain])
        until(lambda: receiver.ids("/plain") == [plain.id])
        assert handled(service) == 4
        assert arrived(receiver, wanted)


def test_what_came_before_the_start_of_the_service_waits_for_it(
    tmp_path, vhost, sqlite_url, keys, codec, authority, receiver
):
    env = settings(vhost, sqlite_url, keys, authority)
    with serve(tmp_path, env) as service:
        add(service, "parks", receiver.url(), types=[MADE])
    assert bound(vhost.node, vhost.name) == {MADE}, "it stays bound while the service is down"
    event = promise_made("a")
    publish(vhost.amqp_url, codec, [event])
    with serve(tmp_path, env):
        until(lambda: arrived(receiver, event))


def test_two_processes_follow_what_either_is_told(tmp_path, vhost, postgres_url, keys, codec, authority, receiver):
    env = settings(vhost, postgres_url, keys, authority)
    with serve(tmp_path, env) as one, serve(tmp_path, env) as other:
        add(one, "stays", receiver.url("/stays"), types=[MADE])
        for number in range(8):
            name = f"comes-{number}"
            add(other, name, receiver.url("/goes"), types=[KEPT])
            assert bound(vhost.node, vhost.name) == {MADE, KEPT}
            assert call(one, "DELETE", f"/v1/webhooks/{name}")[0] == 204
            assert bound(vhost.node, vhost.name) == {MADE}
        bind_all(vhost.node, vhost.name)
        until(lambda: bound(vhost.node, vhost.name) == {MADE}, 60)
        event = promise_made("a")
        publish(vhost.amqp_url, codec, [event])
        until(lambda: receiver.ids("/stays") == [event.id])


def test_a_login_from_before_is_said_and_mended_by_applying_the_topology(
    tmp_path, vhost, sqlite_url, keys, codec, authority, receiver
):
    env = settings(vhost, sqlite_url, keys, authority)
    path = f"/api/permissions/{quote(vhost.name, safe='')}/notification"
    granted = vhost.node.management.call("GET", path)
    before = {"configure": "^$", "write": r"^(concord\.events|concord\.log\.marker)$", "read": r"^notification\..*$"}
    vhost.node.management.call("PUT", path, before)
    service = serve(tmp_path, env)
    try:
        until(lambda: any("concord topology apply" in each for each in answer(service)))
        assert [each[:24] for each in answer(service)] == ["the binder is refused (A"]
        vhost.node.management.call("PUT", path, {part: granted[part] for part in before})
        until(lambda: service.get("/readyz")[0] == 200)
    finally:
        service.__exit__()


def answer(service):
    """Reasons, none while it does not answer yet."""
    try:
        return reasons(service)
    except OSError:
        return []


def test_a_frozen_broker_keeps_no_operator_waiting_and_is_told_when_it_goes_on(
    tmp_path, own, sqlite_url, keys, codec, authority, receiver
):
    with serve(tmp_path, settings(own, sqlite_url, keys, authority)) as service:
        add(service, "water", receiver.url("/water"), types=[KEPT])
        own.node.freeze()
        try:
            for act in (
                lambda: add(service, "parks", receiver.url(), types=[MADE]),
                lambda: call(service, "DELETE", "/v1/webhooks/water"),
                lambda: add(service, "plain", receiver.url("/plain"), types=[ROUTED]),
            ):
                begun = time.monotonic()
                act()
                assert time.monotonic() - begun < PATIENCE
            until(lambda: any(each.startswith("the binder") for each in reasons(service)))
        finally:
            own.node.thaw()
        until(lambda: bound(own.node, own.name) == {MADE}, 60)
        until(lambda: service.get("/readyz")[0] == 200, 60)
        event = promise_made("a")
        publish(own.amqp_url, codec, [event])
        until(lambda: arrived(receiver, event), 60)
        own.node.freeze()
        try:
            begun = time.monotonic()
            add(service, "late", receiver.url("/late"), types=[KEPT])
            service.process.terminate()
            assert service.process.wait(12) == 0
            assert time.monotonic() - begun < PATIENCE + 9
        finally:
            own.node.thaw()
    assert "the broker gets the new bindings later" in service.log.read_text()


def test_a_broker_that_lives_but_opens_no_channel_is_said_and_holds_up_no_end(
    tmp_path, vhost, sqlite_url, keys, authority
):
    with MuteBroker("channel.open") as mute:
        service = serve(tmp_path, settings(vhost, sqlite_url, keys, authority) | {"CONCORD_BROKER_URL": mute.url})
        try:
            until(
                lambda: (
                    {each.split()[1] for each in answer(service) if "(the broker does not respond)" in each}
                    >= {"binder", "consumer"}
                )
            )
            begun = time.monotonic()
            service.process.terminate()
            assert service.process.wait(12) == 0
            assert time.monotonic() - begun < 10
        finally:
            service.__exit__()


def test_a_broker_that_was_away_is_told_when_it_is_back(tmp_path, own, sqlite_url, keys, codec, authority, receiver):
    with serve(tmp_path, settings(own, sqlite_url, keys, authority)) as service:
        own.node.await_recoverable(*queues_of("notification"), "notification.dead", vhost=own.name)
        own.node.kill()
        begun = time.monotonic()
        add(service, "parks", receiver.url(), types=[MADE])
        assert time.monotonic() - begun < PATIENCE
        own.node.start()
        until(lambda: bound(own.node, own.name) == {MADE}, 60)
        event = promise_made("a")
        publish(own.amqp_url, codec, [event])
        until(lambda: arrived(receiver, event), 60)
