"""What doctor says of subscribers whose login is not as it was granted. Pure."""

import copy
from dataclasses import replace
from typing import Any

import pytest

from concord_bus.topology.grants import Grant
from concord_bus.topology.subscriber_admin import Subscriber
from concord_bus.topology.subscriber_permissions import (
    TAG,
    operator_policy,
    permission,
    policy_name,
    queues_document,
    topic_permissions,
    user_limits,
)
from concord_cli.doctor.findings import Finding, Level
from concord_cli.doctor.subscriber_rules import Logins, check_subscribers

GRANT = Grant("parks", ("concern.routed.v1",), ("B2", "B3"), ("graffiti",))
PARKS = Subscriber(GRANT, "2026-03-01", "2026-03-01")
QUEUES = [{"name": "sub.parks.events", "messages": 3}]
BOUND = queues_document(GRANT, "/")["bindings"]


def logins(**changed: Any) -> Logins:
    made = Logins(
        users=[{"name": "parks", "tags": [TAG]}, {"name": "admin", "tags": ["administrator"]}],
        permissions=[{"user": "parks", **permission(GRANT)}, {"user": "admin", "read": ".*"}],
        topic_permissions=[{"user": "parks", **each} for each in topic_permissions(GRANT)],
        limits=[{"user": "parks", "value": dict(user_limits(GRANT))}],
        operator_policies=[{"name": policy_name("parks"), **operator_policy(GRANT)}],
    )
    return replace(made, **changed)


def judged(live: Logins, queues: Any = QUEUES, bound: Any = BOUND, subscriber: Subscriber = PARKS) -> list[Finding]:
    return list(check_subscribers([subscriber], live, queues, bound))


def test_as_granted_is_well() -> None:
    (found,) = judged(logins())
    assert found.level is Level.OK
    assert found.what == "1, each with exactly its grant; 0 suspended"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"users": []}, "parks has no login"),
        ({"permissions": []}, "parks has other permissions"),
        ({"topic_permissions": []}, "parks has other topic permissions on concord.events"),
        ({"limits": []}, "parks has other limits of connections"),
        ({"operator_policies": []}, "parks has other limits of its queues"),
    ],
)
def test_each_right_that_is_missing_is_a_problem(changed: dict[str, Any], said: str) -> None:
    found = judged(logins(**changed))
    assert found[0].level is Level.PROBLEM
    assert found[0].what.startswith(said)


def test_a_wider_topic_permission_is_a_problem() -> None:
    wide = copy.deepcopy(logins().topic_permissions)
    wide[0]["read"] = ".*"  # type: ignore[index]
    (found,) = judged(logins(topic_permissions=wide))
    assert "topic permissions on concord.events" in found.what
    assert "concord subscriber add parks --update" in found.remedy


def test_a_login_that_may_follow_everything_is_a_problem() -> None:
    open_one = {"user": "carol", "read": "^concord.*$"}
    found = judged(logins(permissions=[*logins().permissions, open_one]))
    assert [each.what for each in found] == [
        "the login carol can receive all messages of concord.events",
        "the login carol can receive all messages of concord.private",
    ]


def test_queues_missing_full_unknown_or_bound_beyond_the_grant() -> None:
    assert judged(logins(), queues=[])[0].what == "the queue sub.parks.events of parks is missing"
    full = [{"name": "sub.parks.events", "messages": 90_000}]
    assert judged(logins(), queues=full)[0].what == "sub.parks.events is nearly full: 90,000 of 100,000"
    stray = [*QUEUES, {"name": "sub.police.events"}]
    assert judged(logins(), queues=stray)[0].what == "the queue sub.police.events belongs to no known subscriber"
    beyond = [*BOUND, {"source": "concord.events", "destination": "sub.parks.events", "routing_key": "#"}]
    assert judged(logins(), bound=beyond)[0].what == "sub.parks.events is bound beyond its grant: #"
    foreign = {"source": "amq.fanout", "destination": "sub.parks.events", "routing_key": ""}
    assert judged(logins(), bound=[*BOUND, foreign])[0].what == "sub.parks.events is bound to the exchange amq.fanout"
    replaying = {**foreign, "source": "concord.again.parks"}
    assert judged(logins(), bound=[*BOUND, replaying])[0].level is Level.OK
    assert judged(logins(), bound=BOUND[1:])[0].level is Level.WARNING


def test_a_suspended_login_must_have_no_connections_left() -> None:
    suspended = replace(PARKS, suspended="2026-03-02")
    assert "limits of connections" in judged(logins(), subscriber=suspended)[0].what
    none = [{"user": "parks", "value": dict(user_limits(GRANT, suspended=True))}]
    (found,) = judged(logins(limits=none), subscriber=suspended)
    assert found.what.endswith("1 suspended")


def bound_again(count: int, **arguments: Any) -> list[Any]:
    return [*BOUND, *({**BOUND[0], "arguments": {"n": number, **arguments}} for number in range(count))]


def test_bindings_that_repeat_a_granted_key_are_told_and_their_number_is_bounded() -> None:
    (few,) = judged(logins(), bound=bound_again(5))
    assert (few.level, few.what) == (
        Level.WARNING,
        "sub.parks.events has 5 bindings with arguments, which repeat others",
    )
    (many,) = judged(logins(), bound=bound_again(101))
    assert (many.level, many.what) == (
        Level.PROBLEM,
        "sub.parks.events has 101 bindings beside those of its grant, more than 100",
    )
    assert "concord subscriber add parks --update" in many.remedy


def test_a_granted_key_that_is_bound_with_arguments_only_counts_as_missing() -> None:
    found = judged(logins(), bound=[{**BOUND[0], "arguments": {"n": 1}}, *BOUND[1:]])
    assert [each.what for each in found][1:] == [
        "sub.parks.events lacks 1 of its bindings: it misses granted events",
    ]


def test_more_consumers_than_channels_are_a_problem() -> None:
    (found,) = judged(logins(), queues=[{"name": "sub.parks.events", "consumers": 11}])
    assert (found.level, found.what) == (Level.PROBLEM, "sub.parks.events has 11 consumers, more than 10")
    (well,) = judged(logins(), queues=[{"name": "sub.parks.events", "consumers": 10}])
    assert well.level is Level.OK
