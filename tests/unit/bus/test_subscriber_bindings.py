"""Which bindings of a subscriber's queue are the operator's, and which are not. Pure."""

from typing import Any

import pytest

from concord_bus.topology.grants import Grant
from concord_bus.topology.subscriber_bindings import is_exact, missing, surplus

GRANT = Grant("parks", ("concern.routed.v1",), ("B2", "B3"), ("graffiti",))
GRANTED = [f"concern.routed.v1.{area}.graffiti" for area in ("B2", "B3")]


def row(key: str, source: str = "concord.events", **arguments: Any) -> dict[str, Any]:
    target = {"destination": "sub.parks.events", "destination_type": "queue"}
    return {"source": source, "routing_key": key, "arguments": arguments, **target}


MADE = [row(key) for key in GRANTED]
DEFAULT = row("sub.parks.events", source="")


def test_the_operators_bindings_and_the_default_exchange_are_exact() -> None:
    assert is_exact([DEFAULT, *MADE], GRANT)
    assert surplus([DEFAULT, *MADE], GRANT) == []


@pytest.mark.parametrize(
    "other",
    [
        row(GRANTED[0], n=1),
        row(GRANTED[0], source="concord.again.parks"),
        row("concern.routed.v1.C6.graffiti"),
        row("#"),
        row("", source="amq.fanout"),
    ],
)
def test_every_other_binding_is_surplus_whatever_it_differs_in(other: dict[str, Any]) -> None:
    assert surplus([*MADE, other], GRANT) == [other]
    assert not is_exact([*MADE, other], GRANT)


def test_each_of_five_bindings_of_one_key_is_surplus() -> None:
    again = [row(GRANTED[0], n=number) for number in range(5)]
    assert surplus([*again, *MADE], GRANT) == again


def test_a_key_bound_with_arguments_only_is_missing() -> None:
    assert missing([row(GRANTED[0], n=1), MADE[1]], GRANT) == {GRANTED[0]}
    assert missing(MADE, GRANT) == set()
