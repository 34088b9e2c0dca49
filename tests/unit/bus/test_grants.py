"""What can be granted to another city service, and which routing keys that lets through."""

import re
from dataclasses import asdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from concord_bus.topology.declarations import PUBLIC_TYPES
from concord_bus.topology.grants import Grant, InvalidGrant, Limits, check_codes
from concord_bus.topology.subscriber_admin import Subscriber, of_record
from concord_bus.topology.subscriber_permissions import (
    operator_policy,
    permission,
    queues_document,
    stream_document,
    topic_permissions,
    user_limits,
)
from concord_contracts import CATALOGUE

ROUTED = "concern.routed.v1"
PARKS = Grant("parks", (ROUTED, "concern.resolved.v1"), ("B2", "B3"), ("graffiti",), replay_days=30)


def test_its_queues_are_bound_to_each_type_area_and_category() -> None:
    bound = {(binding["destination"], binding["routing_key"]) for binding in queues_document(PARKS, "/")["bindings"]}
    keys = {f"concern.{what}.v1.{area}.graffiti" for what in ("routed", "resolved") for area in ("B2", "B3")}
    assert bound == {("sub.parks.events", key) for key in keys}
    assert all(PARKS.allows(key) for key in keys)


@pytest.mark.parametrize(
    "key", ["", "#", "concern.routed.v1.#", "concern.routed.v1.*.graffiti", "concern.routed.v1.B2.graffiti.#", "x"]
)
def test_other_keys_are_not_allowed(key: str) -> None:
    assert not PARKS.allows(key)
    assert not re.search(topic_permissions(PARKS)[0]["read"], key)


def test_without_areas_any_may_be_bound_but_not_several_words_at_once() -> None:
    grant = Grant("police", (ROUTED,))
    assert grant.keys == ("concern.routed.v1.*.*",)
    assert grant.allows("concern.routed.v1.*.*")
    assert grant.allows("concern.routed.v1.B2._")
    assert not any(map(grant.allows, ("concern.routed.v1.#", "concern.routed.v1.#.#", "concern.routed.v1.B2")))


@given(st.text(min_size=1, max_size=80))
def test_any_code_becomes_one_literal_word(code: str) -> None:
    grant = Grant("parks", (ROUTED,), (code,), ("graffiti",))
    (key,) = grant.keys
    assert key.count(".") == 4
    assert grant.allows(key)
    assert not grant.allows(f"{key}x")
    assert not grant.allows("concern.routed.v1.*.graffiti") or code == "*"


@pytest.mark.parametrize(
    "name", ["", "p", "Parks", "parks.x", "parks*", "7parks", "p" * 32, "routing", "guest", "monitor"]
)
def test_names_that_cannot_be(name: str) -> None:
    with pytest.raises(InvalidGrant) as refused:
        Grant(name, (ROUTED,))
    assert refused.value.option == "NAME"


@pytest.mark.parametrize(
    ("types", "said"),
    [
        ((), "name at least one of"),
        (("concern.routd.v1",), r"did you mean concern\.routed\.v1"),
        (("concern.routed",), "there is no type"),
        (("concern.submitted.v1",), "is private: only routing may read it"),
    ],
)
def test_types_that_cannot_be_granted(types: tuple[str, ...], said: str) -> None:
    with pytest.raises(InvalidGrant, match=said):
        Grant("parks", types)


def test_no_private_type_can_be_granted() -> None:
    for kind in CATALOGUE.values():
        if not kind.public:
            with pytest.raises(InvalidGrant):
                Grant("parks", (ROUTED, kind.name))


@pytest.mark.parametrize(
    "wrong", [{"replay_days": 31}, {"replay_days": -1}, {"queues": ("replay",)}, {"queues": ("a.b",)}, {"queues": ()}]
)
def test_queues_and_replay_that_cannot_be(wrong: dict[str, object]) -> None:
    with pytest.raises(InvalidGrant):
        Grant("parks", (ROUTED,), **wrong)  # type: ignore[arg-type]


def test_unknown_codes_are_told_with_what_there_is() -> None:
    with pytest.raises(InvalidGrant, match=r"no 'B4'.*It has B2, B3") as refused:
        check_codes(Grant("parks", (ROUTED,), ("B4",)), ["B2", "B3"], [])
    assert refused.value.option == "areas"
    with pytest.raises(InvalidGrant, match=r"no 'grafiti' \(did you mean graffiti\?\)"):
        check_codes(Grant("parks", (ROUTED,), (), ("grafiti",)), [], ["graffiti", "noise"])


def test_a_login_configures_nothing_and_reads_its_own_queues_and_one_exchange() -> None:
    rights = permission(PARKS)
    names = ["sub.parks.events", "sub.parks.replay", "concord.events"]
    others = ["sub.parksx.events", "sub.police.events", "concord.log", "concord.private", "amq.default", "subxparksxa"]
    assert [name for name in names + others if re.search(rights["read"], name)] == names
    assert [name for name in names + others if re.search(rights["write"], name)] == names[:2]
    assert not any(re.search(rights["configure"], name) for name in names + others)
    assert {rule["write"] for rule in topic_permissions(PARKS)} == {"^$"}


def test_limits_are_the_operators_policy_of_its_queues_alone() -> None:
    policy = operator_policy(Grant("parks", (ROUTED,), queues=("events", "trial"), limits=Limits(500, 1000, 2)))
    assert policy["definition"] == {"max-length": 500, "max-length-bytes": 1000, "message-ttl": 2 * 86_400_000}
    names = ["sub.parks.events", "sub.parks.trial", "sub.parks.replay", "sub.police.events"]
    assert [name for name in names if re.search(policy["pattern"], name)] == names[:2]


def test_a_suspended_login_may_open_no_connection() -> None:
    assert user_limits(PARKS) == {"max-connections": 2, "max-channels": 10}
    assert user_limits(PARKS, suspended=True)["max-connections"] == 0


def test_its_log_keeps_the_days_granted() -> None:
    (policy,) = stream_document(PARKS, "/")["policies"]
    assert policy["definition"]["max-age"] == "30D"
    assert re.search(policy["pattern"], "sub.parks.replay")


def test_the_record_on_the_broker_reads_back_as_it_was() -> None:
    subscriber = Subscriber(PARKS, "2026-03-01T12:00:00+00:00", "2026-03-02T12:00:00+00:00", None)
    assert of_record(asdict(subscriber)) == subscriber


def test_every_public_type_can_be_granted() -> None:
    assert Grant("all", PUBLIC_TYPES).types == PUBLIC_TYPES
