"""Ports: as asked, as last time, or the usual ones; a taken one is named."""

import pytest

from concord_cli.errors import WrongCall
from concord_cli.up.ports import PUBLIC, QUIET, any_free, choose_ports

ALL = {"smtp": True, "amqp": True, "management": True, "mail-page": True}


def free(port: int) -> bool:
    return True


def test_the_usual_ones() -> None:
    chosen = choose_ports({}, None, {}, ALL, free)
    assert [chosen[each] for each in PUBLIC] == [8080, 8081, 8082, 8083, 8084]
    assert all(chosen[each] in QUIET for each in ("smtp", "amqp", "management"))
    assert len(set(chosen.values())) == 8


def test_those_of_last_time_unless_others_are_asked_for() -> None:
    remembered = {"intake": 9000, "routing": 9001, "amqp": 23456}
    chosen = choose_ports({"routing": 7000}, None, remembered, ALL, free)
    assert (chosen["intake"], chosen["routing"], chosen["metrics"], chosen["amqp"]) == (9000, 7000, 8083, 23456)


def test_a_base_counts_up_and_replaces_those_of_last_time() -> None:
    chosen = choose_ports({"metrics": 7000}, 9000, {"intake": 1234}, ALL, free)
    assert [chosen[each] for each in PUBLIC] == [9000, 9001, 9002, 7000, 9004]


def test_zero_is_any_free_one() -> None:
    chosen = choose_ports({}, 0, {}, ALL, free)
    assert all(port in QUIET for port in chosen.values())
    assert len(set(chosen.values())) == 8


def test_parts_that_do_not_run_need_no_port() -> None:
    chosen = choose_ports({}, None, {}, dict.fromkeys(ALL, False), lambda port: port != 8084)
    assert chosen.keys() == {"intake", "routing", "notification", "metrics"}


def test_a_taken_port_is_named_with_its_options() -> None:
    with pytest.raises(WrongCall) as wrong:
        choose_ports({}, None, {}, ALL, lambda port: port != 8081)
    assert "Port 8081 on 127.0.0.1, wanted for routing, is taken" in str(wrong.value)
    assert "--routing-port or --port-base" in str(wrong.value)


def test_one_port_for_two_parts() -> None:
    with pytest.raises(WrongCall, match="Port 8081 is wanted for routing and for another part too"):
        choose_ports({"intake": 8081}, None, {}, ALL, free)


def test_a_base_that_is_too_high() -> None:
    with pytest.raises(WrongCall, match="Port 65536, wanted for notification, does not exist"):
        choose_ports({}, 65534, {}, ALL, free)


def test_an_internal_port_of_last_time_that_is_taken_is_replaced() -> None:
    chosen = choose_ports({}, None, {"amqp": 23456}, ALL, lambda port: port != 23456)
    assert chosen["amqp"] != 23456


def test_no_free_port_at_all() -> None:
    with pytest.raises(WrongCall, match="No port from 20000 to 29999 is free"):
        any_free(set(), lambda port: False)
