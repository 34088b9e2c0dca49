"""The declared topology: every message has a way to go, and nobody may do more than its work asks."""

import base64
import hashlib
import re
from typing import Any

import pytest

from concord_bus.topology.declarations import (
    CASE_WORK_TYPES,
    DEAD_EXCHANGE,
    DEADLY,
    LOG,
    LOG_MARKER_EXCHANGE,
    MONITOR,
    ROUTING_OUTCOMES,
    SERVICES,
    WEBHOOKS,
    bindings_at_will,
    queues_of,
)
from concord_bus.topology.definitions import DELIVERY_LIMIT, definitions
from concord_contracts import CATALOGUE
from concord_contracts.catalogue import PRIVATE_EXCHANGE, PUBLIC_EXCHANGE

PASSWORDS = {name: f"password of {name}" for name in SERVICES}
DOCUMENT = definitions(PASSWORDS, "city")
EXCHANGES = {exchange["name"] for exchange in DOCUMENT["exchanges"]}
QUEUES = {queue["name"]: queue for queue in DOCUMENT["queues"]}

MAY_WRITE = {
    "intake": {PUBLIC_EXCHANGE, PRIVATE_EXCHANGE, LOG_MARKER_EXCHANGE},
    "routing": {PUBLIC_EXCHANGE, PRIVATE_EXCHANGE, LOG_MARKER_EXCHANGE},
    "notification": {PUBLIC_EXCHANGE, LOG_MARKER_EXCHANGE, "notification.webhooks"},
    "metrics": {LOG_MARKER_EXCHANGE},
}
MAY_READ = {
    "intake": {"intake.words", "intake.looks", "intake.events", "intake.dead"},
    "routing": {
        "routing.submitted",
        "routing.history",
        "routing.objections",
        "routing.answers",
        "routing.contacts",
        "routing.events",
        "routing.dead",
    },
    "notification": {
        *("notification.contacts", "notification.words", "notification.events", "notification.webhooks"),
        "notification.dead",
        PUBLIC_EXCHANGE,
    },
    "metrics": {"metrics.events", "metrics.dead"},
}
FOREIGN = ["", "amq.topic", "amq.default", DEAD_EXCHANGE, LOG, "concord.eventsX", "concordXevents", "intake.eventsX"]


def permission(service: str) -> Any:
    (found,) = [permission for permission in DOCUMENT["permissions"] if permission["user"] == service]
    return found


def topic_permission(service: str, exchange: str) -> Any:
    every = DOCUMENT["topic_permissions"]
    (found,) = [
        permission for permission in every if permission["user"] == service and permission["exchange"] == exchange
    ]
    return found


def allowed(pattern: str, names: set[str]) -> set[str]:
    """RabbitMQ searches for its patterns anywhere in the name."""
    return {name for name in names if re.search(pattern, name)}


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_writes_and_reads_what_is_its_own_and_configures_nothing(service: str) -> None:
    everything = EXCHANGES | set(QUEUES) | set(FOREIGN)
    granted = permission(service)
    assert allowed(granted["write"], everything - {""}) == MAY_WRITE[service]
    assert allowed(granted["read"], everything - {""}) == MAY_READ[service]
    assert allowed(granted["configure"], everything - {""}) == set()


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_publishes_only_types_it_owns(service: str) -> None:
    for kind in CATALOGUE.values():
        granted = topic_permission(service, kind.exchange)["write"]
        key = f"{kind.name}.A1.noise"
        assert bool(re.search(granted, key)) == (kind.owner == service), key
        assert not re.search(granted, f"x{key}")
        assert not re.search(granted, kind.name.replace(".", "x") + ".A1.noise")
        assert not re.search(granted, f"{kind.name}0.A1.noise")


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("exchange", [PUBLIC_EXCHANGE, PRIVATE_EXCHANGE])
def test_no_service_may_bind_anything_but_what_it_binds_at_will(service: str, exchange: str) -> None:
    """Without a topic permission on an exchange everything would be allowed there."""
    granted = topic_permission(service, exchange)
    at_will = WEBHOOKS.at_will if (service, exchange) == ("notification", PUBLIC_EXCHANGE) else ()
    for key in ("#", "*", "*.made.v1.#", "concern.routed.v1.#", "concern.submitted.v1.A1.noise"):
        assert not re.search(granted["read"], key)
    for kind in CATALOGUE:
        for key in (f"{kind}.#", f"{kind}.A1.noise"):
            assert bool(re.search(granted["read"], key)) == (kind in at_will), key
            assert not re.search(granted["read"], f"x{key}")
            assert not re.search(granted["read"], kind.replace(".", "x") + ".#")
            assert not re.search(granted["read"], f"{kind}0.#")


def reached(exchange: str, key: str) -> set[str]:
    """The queues a topic exchange would hand a message to."""
    return {
        binding["destination"]
        for binding in DOCUMENT["bindings"]
        if binding["source"] == exchange and re.fullmatch(_as_pattern(binding["routing_key"]), key)
    }


def _as_pattern(binding: str) -> str:
    return re.escape(binding).replace(r"\.\#", r"(\..*)?").replace(r"\#", ".*")


def test_every_private_message_reaches_its_recipient_alone() -> None:
    for kind in CATALOGUE.values():
        if kind.recipient:
            (queue,) = reached(kind.exchange, f"{kind.name}._.noise")
            assert queue in queues_of(kind.recipient)


def test_every_public_message_reaches_metrics_and_the_log() -> None:
    for kind in CATALOGUE.values():
        if kind.public:
            assert {"metrics.events", LOG} <= reached(kind.exchange, f"{kind.name}.A1.noise")


def test_a_marker_reaches_the_log_alone() -> None:
    """With another queue the broker would confirm it although the log is not there."""
    led = [binding["destination"] for binding in DOCUMENT["bindings"] if binding["source"] == LOG_MARKER_EXCHANGE]
    assert led == [LOG]
    (exchange,) = [exchange for exchange in DOCUMENT["exchanges"] if exchange["name"] == LOG_MARKER_EXCHANGE]
    assert exchange["type"] == "fanout"


def test_outcomes_reach_those_who_tell_the_resident() -> None:
    for outcome in ("concern.routed.v1.A1.noise", "concern.unroutable.v1._.noise"):
        assert {"intake.events", "notification.events"} <= reached(PUBLIC_EXCHANGE, outcome)


def test_every_public_message_reaches_the_webhooks_by_one_queue_those_at_will_by_none_as_declared() -> None:
    for kind in CATALOGUE.values():
        if kind.public:
            queues = reached(kind.exchange, f"{kind.name}.A1.noise") & set(queues_of("notification"))
            assert queues == (set() if kind.name in WEBHOOKS.at_will else {"notification.events"}), kind.name


def test_what_may_be_bound_at_will_is_nowhere_declared() -> None:
    assert bindings_at_will() == {(PUBLIC_EXCHANGE, "notification.webhooks", f"{kind}.#") for kind in WEBHOOKS.at_will}
    declared = {(binding["source"], binding["destination"], binding["routing_key"]) for binding in DOCUMENT["bindings"]}
    assert declared.isdisjoint(bindings_at_will())
    assert "notification.webhooks" in QUEUES
    assert policies_of("notification.webhooks") == policies_of("notification.events")


HISTORY_TYPES = (*ROUTING_OUTCOMES, *CASE_WORK_TYPES, "promise.renegotiated.v1", "promise.missed.v1")
"""What the resident reads; a promise that is made or kept goes with the step that makes or keeps it."""


def test_what_teams_do_about_a_case_reaches_the_resident_s_history() -> None:
    for kind in CATALOGUE.values():
        if kind.public and kind.owner == "routing" and kind.name in HISTORY_TYPES:
            assert "intake.events" in reached(kind.exchange, f"{kind.name}.A1.noise")
            assert "intake.events" in reached(kind.exchange, f"{kind.name}._.noise")


def test_nothing_private_reaches_the_log_or_the_public_exchange() -> None:
    assert not [
        binding
        for binding in DOCUMENT["bindings"]
        if binding["source"] == PRIVATE_EXCHANGE and binding["destination"] == LOG
    ]
    assert all(binding["destination_type"] == "queue" for binding in DOCUMENT["bindings"])


def test_every_queue_is_durable_and_of_a_kind_that_survives_a_node() -> None:
    for name, queue in QUEUES.items():
        assert queue["durable"]
        assert not queue["auto_delete"]
        assert queue["arguments"] == {"x-queue-type": "stream" if name == LOG else "quorum"}, "limits are for policies"


def test_what_the_broker_gives_up_on_reaches_the_dead_queue_of_its_service() -> None:
    for service, topology in SERVICES.items():
        for queue in topology.queues:
            (policy,) = policies_of(queue.name)
            limits = policy["definition"]
            assert limits["dead-letter-strategy"] == "at-least-once"
            assert limits["overflow"] == "reject-publish", "at-least-once needs it"
            assert limits["delivery-limit"] > 0
            target = limits["dead-letter-exchange"], limits["dead-letter-routing-key"]
            assert reached(*target) == {f"{service}.dead"}


def test_dead_queues_give_up_late_and_what_they_give_up_is_kept() -> None:
    """RabbitMQ 4 has a limit of 20 of its own, and deletes the message without a dead-letter exchange."""
    for service in SERVICES:
        (policy,) = policies_of(f"{service}.dead")
        limits = policy["definition"]
        assert limits["delivery-limit"] == DELIVERY_LIMIT
        assert (limits["dead-letter-strategy"], limits["overflow"]) == ("at-least-once", "reject-publish")
        assert reached(limits["dead-letter-exchange"], limits["dead-letter-routing-key"]) == {DEADLY}


def test_a_subscribers_queue_gives_up_late_and_only_what_reached_the_limit_is_kept() -> None:
    for queue in ("sub.parks.events", "sub.parks.replays"):
        (policy,) = policies_of(queue)
        assert policy["definition"] == {"delivery-limit": DELIVERY_LIMIT, "dead-letter-exchange": DEADLY}
    assert policies_of("sub.parks.replay") == [], "a stream has its own policy"
    (binding,) = [binding for binding in DOCUMENT["bindings"] if binding["source"] == DEADLY]
    assert binding["destination"] == DEADLY
    assert binding["arguments"] == {"x-match": "all-with-x", "x-first-death-reason": "delivery_limit"}


def test_what_is_kept_is_not_given_up_before_its_time() -> None:
    (policy,) = policies_of(DEADLY)
    limits = policy["definition"]
    assert limits["delivery-limit"] > 1000 * DELIVERY_LIMIT
    assert limits["message-ttl"] == 30 * 86_400_000
    assert "dead-letter-exchange" not in limits


def test_the_log_forgets_in_time() -> None:
    (policy,) = policies_of(LOG)
    assert policy["definition"]["max-age"] == "30D"


def policies_of(queue: str) -> list[dict[str, Any]]:
    return [policy for policy in DOCUMENT["policies"] if re.search(policy["pattern"], queue)]


def test_a_login_is_salted_and_hashed_and_has_no_tags() -> None:
    again = definitions(PASSWORDS, "city")
    for user, other in zip(DOCUMENT["users"], again["users"], strict=True):
        raw = base64.b64decode(user["password_hash"])
        assert raw[4:] == hashlib.sha256(raw[:4] + PASSWORDS[user["name"]].encode()).digest()
        assert user["password_hash"] != other["password_hash"]
        assert user["tags"] == []
        assert "password" not in user


def test_who_monitors_may_look_and_do_nothing() -> None:
    document = definitions({MONITOR: "secret"}, "city")
    (user,) = document["users"]
    assert (user["name"], user["tags"]) == (MONITOR, ["monitoring"])
    nothing = {"configure": "^$", "write": "^$", "read": "^$"}
    assert document["permissions"] == [{"user": MONITOR, "vhost": "city", **nothing}]


def test_a_service_without_a_password_gets_no_login() -> None:
    document = definitions({"intake": "secret"}, "city")
    for part in ("users", "permissions", "topic_permissions"):
        assert {entry.get("user", entry.get("name")) for entry in document[part]} == {"intake"}
    assert document["queues"] == DOCUMENT["queues"]


def test_everything_is_in_the_virtual_host_that_was_asked_for() -> None:
    assert DOCUMENT["vhosts"] == [{"name": "city"}]
    for part in ("exchanges", "queues", "bindings", "policies", "permissions", "topic_permissions"):
        assert {entry["vhost"] for entry in DOCUMENT[part]} == {"city"}


def test_a_service_consumes_the_queues_declared_for_it() -> None:
    assert queues_of("notification") == (
        *("notification.contacts", "notification.words", "notification.events", "notification.webhooks"),
    )
    assert set(SERVICES) == {"intake", "routing", "notification", "metrics"}
