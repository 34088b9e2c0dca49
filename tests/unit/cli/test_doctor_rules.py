"""Every rule of `concord doctor`: what it finds, how bad that is, and that it says what to do."""

import copy
from collections.abc import Iterable
from typing import Any

import pytest

from concord_bus.domain.schema import SchemaState
from concord_bus.topology.declarations import SERVICES
from concord_bus.topology.definitions import definitions
from concord_cli.doctor.broker_rules import check_broker
from concord_cli.doctor.findings import Finding, Level
from concord_cli.doctor.login_rules import check_logins
from concord_cli.doctor.machine_rules import KeyFile, check_clock, check_disk, check_keys, skew
from concord_cli.doctor.queue_rules import LOOK_SECONDS, LOOKS, check_queues, settled
from concord_cli.doctor.schema_rules import Schema, check_schema
from concord_cli.doctor.service_rules import check_service
from concord_cli.doctor.topology_rules import Live, check_topology

DECLARED = definitions(dict.fromkeys(SERVICES, "secret"), "/")
NODE = {"name": "rabbit@a", "running": True, "disk_free": 10**10, "disk_free_limit": 5 * 10**7}


def bad(findings: Iterable[Finding]) -> list[tuple[str, str]]:
    """What is not well; each says what to do."""
    found = [each for each in findings if each.level is not Level.OK]
    assert all(each.remedy for each in found)
    return [(each.level.value, each.what) for each in found]


def well(findings: Iterable[Finding]) -> bool:
    found = list(findings)
    return bool(found) and not bad(found)


# the broker


def test_a_broker_that_is_well() -> None:
    assert well(check_broker({"rabbitmq_version": "3.10.8"}, [NODE]))
    assert well(check_broker({"rabbitmq_version": "4.0.5"}, [NODE, NODE | {"name": "rabbit@b"}]))


@pytest.mark.parametrize(
    ("version", "level"), [("3.9.29", "problem"), ("2.8.1", "problem"), ("", "warning"), ("?", "warning")]
)
def test_a_broker_of_an_unfit_version(version: str, level: str) -> None:
    assert [each[0] for each in bad(check_broker({"rabbitmq_version": version}, [NODE]))] == [level]


@pytest.mark.parametrize(
    ("change", "level", "part"),
    [
        ({"running": False}, "problem", "does not run"),
        ({"partitions": ["rabbit@b", "rabbit@c"]}, "problem", "cut off from rabbit@b, rabbit@c"),
        ({"mem_alarm": True}, "problem", "memory alarm"),
        ({"disk_free_alarm": True}, "problem", "disk alarm"),
        ({"disk_free": 6 * 10**7}, "warning", "57 MiB of disk left"),
    ],
)
def test_a_node_that_is_not_well(change: dict[str, Any], level: str, part: str) -> None:
    ((found, what),) = bad(check_broker({"rabbitmq_version": "3.13.0"}, [NODE | change]))
    assert found == level
    assert part in what


# the topology


def live(**changes: Any) -> Live:
    parts = {name: copy.deepcopy(DECLARED[name]) for name in ("exchanges", "queues", "bindings", "policies")}
    for queue in parts["queues"]:
        queue["policy"] = next(
            (each["name"] for each in DECLARED["policies"] if queue["name"] in each["pattern"]), None
        )
    return Live(**(parts | changes))


def without(part: str, **wanted: str) -> list[dict[str, Any]]:
    return [each for each in DECLARED[part] if any(each[key] != value for key, value in wanted.items())]


def changed(part: str, name: str, **changes: Any) -> list[dict[str, Any]]:
    return [each | changes if each["name"] == name else each for each in DECLARED[part]]


def drift(**changes: Any) -> list[tuple[str, str]]:
    return bad(check_topology(DECLARED, live(**changes)))


def test_the_declared_topology_is_well() -> None:
    default = {"source": "", "destination": "routing.submitted", "routing_key": "routing.submitted"}
    foreign = {"source": "concord.events", "destination": "sub.parks.all", "routing_key": "concern.routed.v1.#"}
    assert well(check_topology(DECLARED, live()))
    assert well(check_topology(DECLARED, live(bindings=[*DECLARED["bindings"], default, foreign])))


def test_what_is_missing() -> None:
    name = "routing.submitted"
    assert drift(exchanges=without("exchanges", name="concord.dead")) == [
        ("problem", "the exchange concord.dead is missing")
    ]
    assert drift(queues=without("queues", name="routing.dead")) == [
        ("problem", "the queue routing.dead is missing: its service loses messages")
    ]
    assert drift(bindings=without("bindings", destination="routing.submitted")) == [
        (
            "problem",
            f"the binding concord.private → {name} (concern.submitted.v1.#) is missing: {name} misses these messages",
        )
    ]
    assert drift(policies=without("policies", name="concord-log")) == [
        ("problem", "the policy concord-log is missing: queues have no limits, no dead-lettering")
    ]


def test_what_is_different() -> None:
    assert drift(exchanges=changed("exchanges", "concord.events", type="fanout")) == [
        ("problem", "the exchange concord.events has type fanout, declared is topic")
    ]
    assert drift(queues=changed("queues", "metrics.events", arguments={})) == [
        ("problem", "the queue metrics.events is not a durable quorum queue")
    ]
    own = {"x-queue-type": "stream", "x-max-age": "1D"}
    assert drift(queues=changed("queues", "concord.log", arguments=own)) == [
        ("warning", "the queue concord.log has arguments of its own: x-max-age")
    ]
    assert drift(policies=changed("policies", "concord-log", definition={}, priority=9)) == [
        ("problem", "the policy concord-log differs in definition, priority")
    ]


def test_what_a_service_binds_at_will_may_be_there_or_not() -> None:
    made = {"source": "concord.events", "destination": "notification.webhooks", "routing_key": "promise.made.v1.#"}
    assert well(check_topology(DECLARED, live(bindings=[*DECLARED["bindings"], made])))
    for other in ({"destination": "routing.events"}, {"routing_key": "#"}, {"routing_key": "concern.routed.v1.#"}):
        assert [each[0] for each in drift(bindings=[*DECLARED["bindings"], made | other])] == ["warning"]


def test_what_is_too_much() -> None:
    more = {"source": "concord.events", "destination": "routing.submitted", "routing_key": "#"}
    assert drift(bindings=[*DECLARED["bindings"], more]) == [
        ("warning", "the binding concord.events → routing.submitted (#) is not declared")
    ]
    assert drift(queues=changed("queues", "metrics.events", policy="mine")) == [
        ("problem", "the queue metrics.events follows the policy mine instead of concord-metrics")
    ]


# logins


def access(**changes: Any) -> list[tuple[str, str]]:
    parts = {name: DECLARED[name] for name in ("users", "permissions", "topic_permissions")} | changes
    return bad(check_logins(DECLARED, **parts))


def test_logins_as_declared() -> None:
    parts = [DECLARED[name] for name in ("users", "permissions", "topic_permissions")]
    assert well(check_logins(DECLARED, *parts))


def test_a_login_is_missing_or_may_do_other_things() -> None:
    assert access(users=without("users", name="intake")) == [("problem", "the login intake is missing")]
    assert access(permissions=without("permissions", user="intake")) == [
        ("problem", "the login intake has no permissions")
    ]
    wide = [each | ({"read": ".*"} if each["user"] == "metrics" else {}) for each in DECLARED["permissions"]]
    assert access(permissions=wide) == [("problem", "the login metrics has other permissions than declared to read")]
    topics = without("topic_permissions", user="routing", exchange="concord.events")
    assert access(topic_permissions=topics) == [
        ("problem", "the login routing on concord.events has no topic permissions")
    ]


# queues


def queue(name: str, **facts: Any) -> dict[str, Any]:
    return {"name": name, "consumers": 1, "messages": 0, "state": "running", **facts}


def test_queues_that_are_read() -> None:
    log = queue("concord.log", type="stream", messages=10**6, consumers=0)
    assert well(check_queues([queue("metrics.events", messages=5), log, queue("sub.parks.q", consumers=0)]))


@pytest.mark.parametrize(
    ("found", "wanted"),
    [
        (queue("routing.dead", consumers=0), ("problem", "routing.dead has no consumer and 0 messages")),
        (queue("metrics.events", consumers=0, messages=1), ("problem", "metrics.events has no consumer and 1 message")),
        (queue("metrics.events", messages=20_000), ("warning", "metrics.events has a backlog of 20,000 messages")),
        (queue("intake.events", state="down"), ("problem", "intake.events is down")),
        (
            queue("sub.parks.all", consumers=0, messages=3),
            ("warning", "the subscriber's queue sub.parks.all has no consumer and 3 messages"),
        ),
    ],
)
def test_queues_that_are_not(found: dict[str, Any], wanted: tuple[str, str]) -> None:
    assert bad(check_queues([found])) == [wanted]


@pytest.mark.parametrize(
    ("rules", "full"),
    [
        ({"max-length": 3, "overflow": "reject-publish"}, True),
        ({"max-length": 2, "overflow": "reject-publish-dlx"}, True),
        ({"max-length": 4, "overflow": "reject-publish"}, False),
        ({"max-length": 3, "overflow": "drop-head"}, False),
        ({"max-length": 3}, False),
        ({"overflow": "reject-publish"}, False),
        (None, False),
    ],
)
def test_a_queue_at_its_limit_is_named_with_its_policy(rules: dict[str, Any] | None, full: bool) -> None:
    found = queue("metrics.events", messages=3) | {"policy": "mine", "effective_policy_definition": rules}
    words = "metrics.events is full and refuses messages: 3 messages, the limit of the policy mine"
    assert bad(check_queues([found])) == ([("problem", words)] if full else [])


def test_a_service_that_starts_again_gets_some_seconds_for_its_consumers() -> None:
    answers = [[queue("metrics.events", consumers=count)] for count in (0, 0, 1, 0)]
    slept: list[float] = []
    assert well(check_queues(settled(lambda: answers.pop(0), slept.append)))
    assert slept == [LOOK_SECONDS] * 2
    slept.clear()
    away = [queue("metrics.events", consumers=0)]
    assert bad(check_queues(settled(lambda: away, slept.append)))
    assert slept == [LOOK_SECONDS] * (LOOKS - 1)
    slept.clear()
    assert settled(lambda: [queue("sub.parks.all", consumers=0)], slept.append)
    assert slept == []


def test_a_queue_that_the_broker_has_not_counted_yet_is_no_problem() -> None:
    """RabbitMQ lists queues without figures for up to ten seconds after a start."""
    bare = {"name": "routing.events", "arguments": {}, "type": "quorum"}
    assert bad(check_queues([queue("metrics.events"), bare, {"name": "sub.parks.all"}])) == [
        ("warning", "consumers not known yet, of 1 of 2 queues")
    ]


def test_a_kept_deadly_message_is_a_problem() -> None:
    what = "concord.deadly keeps 2 messages that ended their process again and again"
    assert bad(check_queues([queue("concord.deadly", messages=2, consumers=0)])) == [("problem", what)]
    assert well(check_queues([queue("concord.deadly", consumers=0)]))


def test_a_binding_that_differs_in_its_arguments_is_another_one() -> None:
    again = {**DECLARED["bindings"][0], "arguments": {"n": 1}}
    (found,) = bad(check_topology(DECLARED, live(bindings=[*DECLARED["bindings"], again])))
    assert found[0] == "warning"
    assert '({"n": 1}) is not declared' in found[1]


# services


def test_a_service_that_is_well_and_one_that_is_not() -> None:
    calm = {"concord_bus_unroutable_private": 0.0, "concord_bus_outbox_oldest_seconds": 59.0}
    assert well(check_service("intake", [], calm))
    assert bad(check_service("intake", ["the relay is away", "the database cannot be reached"], {})) == [
        ("problem", "not ready: the relay is away"),
        ("problem", "not ready: the database cannot be reached"),
    ]
    loud = {
        "concord_bus_unroutable_private": 2.0,
        "concord_bus_outbox_oldest_seconds": 61.0,
        "concord_bus_parked_messages": 1200.0,
    }
    assert bad(check_service("intake", [], loud)) == [
        ("problem", "2 private messages without a queue"),
        ("warning", "the oldest message in its outbox is 61 s old"),
        ("warning", "1,200 parked messages"),
    ]


def test_a_missing_key_has_a_remedy_of_its_own() -> None:
    fault = "no key in CONCORD_VAULT_KEYS decrypts contacts (2 of 2 looked at): restore the missing key there"
    of_webhooks = "no key of the vault opens the secrets of 1 webhook endpoint(s)"
    found = [*check_service("notification", [fault, of_webhooks], {}), *check_service("notification", [], {}, [fault])]
    remedies = [finding.remedy for finding in found if finding.level is not Level.OK]
    assert len(remedies) == 3
    assert all("docs/runbooks/VaultUnreadable.md" in remedy for remedy in remedies)


# this machine


@pytest.mark.parametrize(("mib", "level"), [(5000, "ok"), (1024, "ok"), (1023, "warning"), (255, "problem")])
def test_disk_space(mib: int, level: str) -> None:
    assert check_disk("/data", mib * 2**20).level == level


def test_only_a_surely_wrong_clock_counts() -> None:
    assert skew(100.9, 101, 101.2) == 0
    assert skew(100.9, 100, 101.2) == 0
    assert skew(100.9, 95, 101.2) == pytest.approx(-4.9)
    assert skew(100.9, 110, 101.2) == pytest.approx(8.8)


@pytest.mark.parametrize(
    ("seconds", "level"), [(0, "ok"), (-4.9, "ok"), (5, "warning"), (-59, "warning"), (60, "problem")]
)
def test_clocks(seconds: float, level: str) -> None:
    found = check_clock("the broker", seconds)
    assert found.level == level
    if level != "ok":
        assert ("ahead" if seconds > 0 else "behind") in found.what


def test_keys() -> None:
    good = KeyFile("routing", 0o600)
    assert well(check_keys([good, KeyFile("CONCORD_VAULT_KEYS", None)]))
    assert list(check_keys([])) == []
    assert bad(check_keys([good, KeyFile("vault", 0o640), KeyFile("receipt", None, "cannot be read")])) == [
        ("problem", "vault can be read by others (mode 640)"),
        ("problem", "receipt: cannot be read"),
    ]


# databases


def schema(has: str | None, of: str = "intake") -> Schema:
    return Schema(SchemaState(of, has), ["0001", "0002", "0003"])


def test_schemas() -> None:
    assert check_schema("intake", [schema("0003"), schema("0003", "spine")]).level is Level.OK
    behind = check_schema("intake", [schema("0003"), schema("0002", "spine")])
    assert (behind.level, behind.what) == (
        Level.PROBLEM,
        "the schema of spine is at 0002, this version has 0003",
    )
    assert "Restart intake" in behind.remedy
    assert "is at nothing" in check_schema("intake", [schema(None)]).what
    ahead = check_schema("intake", [schema("0009")])
    assert "which this version does not know" in ahead.what
    assert "newer" in ahead.remedy


def test_a_service_that_has_not_tried_to_connect_yet_is_no_problem() -> None:
    findings = list(check_service("intake", ["the relay is not connected yet", "the consumer is away"], {}))
    assert [(finding.level, finding.what) for finding in findings] == [
        ("warning", "not known yet: the relay is not connected yet"),
        ("problem", "not ready: the consumer is away"),
    ]


def test_a_newer_schema_that_declares_this_version_compatible_is_no_problem() -> None:
    newer = Schema(SchemaState("intake", "0004", "0002"), ["0001", "0002", "0003"])
    found = check_schema("intake", [newer, schema("0003", "spine")])
    assert (found.level, found.what) == (
        Level.OK,
        "schema up to date (intake 0004, newer but compatible, spine 0003)",
    )
