"""Reservations of ports: who holds one, when it lapses, and which folders are refused."""

import fcntl
import os
from pathlib import Path

import pytest

from concord_nodes import NodeError
from concord_nodes import port_reservations as module
from concord_nodes.port_reservations import RESERVED_SECONDS, PortReservations, Reservation, current, process_start

AMONG = range(20000, 20003)
PARENT = os.getppid()


def everything(port: int) -> bool:
    return True


def held_by_the_parent(folder: Path, monkeypatch: pytest.MonkeyPatch, clock: float) -> list[int]:
    """Reserve all ports in the name of another process that lives."""
    with monkeypatch.context() as as_parent:
        as_parent.setattr("os.getpid", lambda: PARENT)
        return PortReservations(folder, clock=lambda: clock).reserve(len(AMONG), AMONG, everything)


@pytest.mark.parametrize(
    ("age", "start", "holds"),
    [
        (0, 7, True),
        (RESERVED_SECONDS, 7, True),
        (RESERVED_SECONDS + 1, 7, False),
        (-1, 7, False),
        (0, 8, False),
        (0, None, False),
    ],
)
def test_a_reservation_holds_for_a_time_and_while_its_process_lives(age: float, start: int | None, holds: bool) -> None:
    ledger = {20000: Reservation(process=1, process_start=7, reserved_at=1000.0)}
    assert bool(current(ledger, 1000.0 + age, lambda process: start)) == holds


def test_no_port_is_given_twice(tmp_path: Path) -> None:
    reservations = PortReservations(tmp_path / "own")
    assert sorted(reservations.reserve(2, AMONG, everything) + reservations.reserve(1, AMONG, everything)) == [*AMONG]
    with pytest.raises(NodeError, match="Too few ports from 20000 to 20002 are free"):
        reservations.reserve(1, AMONG, everything)


def test_ports_in_use_and_excluded_ones_are_left_out(tmp_path: Path) -> None:
    assert PortReservations(tmp_path / "own").reserve(1, AMONG, lambda port: port != 20000, {20001}) == [20002]


def test_ports_of_another_process_come_free_with_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "own"
    held_by_the_parent(folder, monkeypatch, 1000.0)
    early = PortReservations(folder, clock=lambda: 1000.0 + RESERVED_SECONDS)
    assert not early.claim(20000)
    with pytest.raises(NodeError, match="Too few ports"):
        early.reserve(1, AMONG, everything)
    late = PortReservations(folder, clock=lambda: 1001.0 + RESERVED_SECONDS)
    assert late.claim(20000)
    assert sorted(late.reserve(2, AMONG, everything)) == [20001, 20002]


def test_a_process_may_claim_its_own_port_again(tmp_path: Path) -> None:
    reservations = PortReservations(tmp_path / "own")
    assert reservations.claim(20000)
    assert reservations.claim(20000)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"20000": {"process": 1}}', '{"x": {}}'])
def test_a_damaged_ledger_is_begun_anew(tmp_path: Path, text: str) -> None:
    reservations = PortReservations(tmp_path / "own")
    reservations.claim(20000)
    (tmp_path / "own" / "ports.json").write_text(text)
    assert len(reservations.reserve(3, AMONG, everything)) == 3


def test_only_this_user_can_read_it(tmp_path: Path) -> None:
    PortReservations(tmp_path / "own").claim(20000)
    assert (tmp_path / "own").stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in (tmp_path / "own").iterdir()} == {0o600}


def test_a_folder_that_others_can_write_is_refused(tmp_path: Path) -> None:
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o777)
    with pytest.raises(NodeError, match="is not a folder of this user alone"):
        PortReservations(tmp_path / "open").claim(20000)


def test_a_link_to_another_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "target").mkdir(mode=0o700)
    (tmp_path / "link").symlink_to(tmp_path / "target")
    with pytest.raises(NodeError, match="is not a folder of this user alone"):
        PortReservations(tmp_path / "link").claim(20000)
    assert not list((tmp_path / "target").iterdir())


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    with pytest.raises(NodeError, match=r"none/own for reserved ports cannot be used: No such file"):
        PortReservations(tmp_path / "none" / "own").claim(20000)


def test_waiting_for_the_lock_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reservations = PortReservations(tmp_path / "own")
    reservations.claim(20000)
    monkeypatch.setattr(module, "LOCK_SECONDS", 0.05)
    with (tmp_path / "own" / "ports.lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(NodeError, match=r"ports\.lock stays locked by another process"):
            reservations.claim(20001)
    assert reservations.claim(20001)


def test_a_process_that_ended_has_no_start() -> None:
    assert process_start(os.getpid())
    assert process_start(2**22 + 1) is None
