"""Ports: as asked, as last time, or the usual ones; a taken one is named."""

from collections.abc import Callable, Collection, Mapping

import pytest

from concord_cli.common.errors import UsageError
from concord_cli.up.port_allocation import PUBLIC, choose_ports, replaceable

ALL = {"smtp": True, "amqp": True, "management": True, "mail-page": True}


ANY_FREE = range(20000, 20100)


def free(port: int) -> bool:
    return True


def chosen_ports(
    asked: Mapping[str, int],
    base: int | None,
    remembered: Mapping[str, int],
    wanted: Mapping[str, bool],
    free: Callable[[int], bool],
) -> dict[str, int]:
    def any_free(excluded: Collection[int]) -> int:
        return next(port for port in ANY_FREE if port not in excluded)

    return choose_ports(asked, base, remembered, wanted, free, free, any_free)


def test_the_usual_ones() -> None:
    chosen = chosen_ports({}, None, {}, ALL, free)
    assert [chosen[each] for each in PUBLIC] == [8080, 8081, 8082, 8083, 8084]
    assert all(chosen[each] in ANY_FREE for each in ("smtp", "amqp", "management"))
    assert len(set(chosen.values())) == 8


def test_those_of_last_time_unless_others_are_asked_for() -> None:
    remembered = {"intake": 9000, "routing": 9001, "amqp": 23456}
    chosen = chosen_ports({"routing": 7000}, None, remembered, ALL, free)
    assert (chosen["intake"], chosen["routing"], chosen["metrics"], chosen["amqp"]) == (9000, 7000, 8083, 23456)


def test_a_base_counts_up_and_replaces_those_of_last_time() -> None:
    chosen = chosen_ports({"metrics": 7000}, 9000, {"intake": 1234}, ALL, free)
    assert [chosen[each] for each in PUBLIC] == [9000, 9001, 9002, 7000, 9004]


def test_zero_is_any_free_one() -> None:
    chosen = chosen_ports({}, 0, {}, ALL, free)
    assert all(port in ANY_FREE for port in chosen.values())
    assert len(set(chosen.values())) == 8


def test_parts_that_do_not_run_need_no_port() -> None:
    chosen = chosen_ports({}, None, {}, dict.fromkeys(ALL, False), lambda port: port != 8084)
    assert chosen.keys() == {"intake", "routing", "notification", "metrics"}


def test_a_taken_port_is_named_with_its_options() -> None:
    with pytest.raises(UsageError) as wrong:
        chosen_ports({}, None, {}, ALL, lambda port: port != 8081)
    assert "Port 8081 on 127.0.0.1, wanted for routing, is taken" in str(wrong.value)
    assert "--routing-port or --port-base" in str(wrong.value)


def test_one_port_for_two_parts() -> None:
    with pytest.raises(UsageError, match="Port 8081 of routing is also the port of another part"):
        chosen_ports({"intake": 8081}, None, {}, ALL, free)


def test_a_base_that_is_too_high() -> None:
    with pytest.raises(UsageError, match="Port 65536 of notification does not exist"):
        chosen_ports({}, 65534, {}, ALL, free)


def test_an_internal_port_of_last_time_that_is_taken_is_replaced() -> None:
    chosen = chosen_ports({}, None, {"amqp": 23456}, ALL, lambda port: port != 23456)
    assert chosen["amqp"] != 23456


@pytest.mark.parametrize(
    ("asked", "base", "public"),
    [
        ({}, None, set()),
        ({}, 9000, set()),
        ({}, 0, set(PUBLIC)),
        ({"routing": 0}, None, {"routing"}),
        ({"routing": 7000}, 0, set(PUBLIC) - {"routing"}),
    ],
)
def test_only_ports_that_nobody_asked_for_can_be_replaced(
    asked: Mapping[str, int], base: int | None, public: set[str]
) -> None:
    assert replaceable(asked, base) == public | {"smtp", "amqp", "management"}
