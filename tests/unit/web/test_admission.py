"""Shares of connections, slots of streams, and the client that they count: pure rules, without a socket."""

from dataclasses import dataclass

import pytest

from concord_web.client_address import client_of, forwarded_peer
from concord_web.connection_shares import NEVER, ConnectionShares
from concord_web.problem import Problem
from concord_web.request import _line_begun
from concord_web.stream_slots import StreamSlots


@dataclass(eq=False)
class Held:
    holder: str | None
    waits_until: float


def shares(*connections: Held, share: int = 10) -> ConnectionShares:
    counted = ConnectionShares(share)
    for connection in connections:
        if connection.holder:
            counted.add(connection.holder, connection)
    return counted


def test_a_share_is_full_until_a_connection_ends():
    ended = Held("a", NEVER)
    counted = shares(ended, Held("a", NEVER), share=2)
    assert (counted.is_full("a"), counted.is_full("b")) == (True, False)
    counted.remove("a", ended)
    assert not counted.is_full("a")


def test_the_client_with_most_connections_makes_room_with_its_longest_wait():
    small, late, early = Held("a", 1.0), Held("b", 9.0), Held("b", 5.0)
    busy = Held("c", NEVER)
    held = [small, late, early, busy, busy, busy]
    assert shares(*held).victim(held) is early


def test_a_connection_at_work_makes_no_room():
    busy = [Held("a", NEVER), Held(None, NEVER)]
    assert shares(*busy).victim(busy) is None


def refusal(slots: StreamSlots, client: str, *, logged_in: bool = False) -> int | None:
    try:
        slots.take(client, logged_in=logged_in)
    except Problem as problem:
        return problem.status if int(problem.headers["Retry-After"]) > 0 else None
    return None


def test_streams_are_bounded_for_a_client_and_for_all():
    slots = StreamSlots(slots=3, share=2)
    assert [refusal(slots, "a") for _ in range(3)] == [None, None, 429]
    assert [refusal(slots, "b") for _ in range(2)] == [None, 503]
    slots.give_back("a", logged_in=False)
    assert refusal(slots, "b") is None
    assert slots.taken == 3


def test_streams_without_a_login_take_no_slot_from_those_with_one():
    slots = StreamSlots(slots=1, share=1)
    assert refusal(slots, "a") is None
    assert refusal(slots, "a", logged_in=True) is None
    assert refusal(slots, "b", logged_in=True) == 503
    slots.give_back("a", logged_in=True)
    assert refusal(slots, "b", logged_in=True) is None


@pytest.mark.parametrize(
    ("address", "client"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("[2001:db8:1:2::1]", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("unknown", "unknown"),
    ],
)
def test_a_client_is_an_ipv4_address_or_a_network(address, client):
    assert client_of(address) == client


@pytest.mark.parametrize(
    ("forwarded_for", "hops", "peer"),
    [
        ("198.51.100.1, 203.0.113.7", 0, "127.0.0.1"),
        ("198.51.100.1, 203.0.113.7", 1, "203.0.113.7"),
        ("198.51.100.1, 203.0.113.7", 2, "198.51.100.1"),
        ("", 1, "127.0.0.1"),
    ],
)
def test_only_the_own_proxies_are_believed(forwarded_for, hops, peer):
    assert forwarded_peer("127.0.0.1", forwarded_for, hops) == peer


def test_a_line_begins_with_its_first_byte_and_ends_with_its_newline(monkeypatch):
    monkeypatch.setattr("concord_web.request.monotonic", lambda: 50.0)
    assert _line_begun(b"a", None) == 50.0
    assert _line_begun(b"b", 7.0) == 7.0, "more of the same line"
    assert _line_begun(b"b\nc", 7.0) == 50.0, "a new line"
    assert _line_begun(b"b\n", 7.0) is None
