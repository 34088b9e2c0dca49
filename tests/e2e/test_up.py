"""`concord up` with the sample: taken in once, accounted for, kept between runs, stopped in time."""

import email
import email.policy
import json
import os
import signal
import urllib.request
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from .running import PLACEHOLDERS, RECORDS, Up, gone, is_ours, left_over, mails, numbers

CONTACTS = RECORDS // 5


@dataclass(frozen=True)
class Finished:
    home: Path
    account: dict[str, Any]
    said: str


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Finished]:
    """A home in which the sample was taken in by `concord up --once`."""
    home = tmp_path_factory.mktemp("up") / "home"
    with Up(home) as up:
        account = up.account()
    assert gone(home, 5)
    yield Finished(home, account, up.said)
    assert gone(home, 5)


def test_every_concern_of_the_sample_is_accounted_for(finished: Finished) -> None:
    account = finished.account
    assert account["accounted_for"], account["missing"]
    assert account["records"] == account["taken_in"] == account["measured"] == RECORDS
    assert account["routed"] + account["unroutable"] == RECORDS
    assert account["unroutable_by_reason"] == {"placeholder": PLACEHOLDERS}
    assert account["contacts"] == account["notified"] == CONTACTS
    assert left_over(account) == {}
    assert not any(account["restarts"].values())


def test_it_agrees_with_the_recorded_district(finished: Finished) -> None:
    agreement = finished.account["agreement"]
    assert agreement["without_placeholder"]["percent"] >= 99
    assert agreement["without_placeholder"]["compared"] == RECORDS - PLACEHOLDERS
    assert agreement["with_placeholder"]["percent"] < agreement["without_placeholder"]["percent"]


def test_the_table_shows_the_same_numbers(finished: Finished) -> None:
    cells = [
        [cell.strip() for cell in line.strip("│").split("│")] for line in finished.said.splitlines() if "│" in line
    ]
    shown = {row[0]: row[1] for row in cells}
    account = finished.account
    for name, value in (
        ("taken in", account["taken_in"]),
        ("routed", account["routed"]),
        ("unroutable", account["unroutable"]),
        ("notified", account["notified"]),
        ("measured", account["measured"]),
        ("parked", 0),
        ("left over", 0),
    ):
        assert shown[name] == f"{value:,}"
    assert shown["agreement"] == f"{account['agreement']['without_placeholder']['percent']:.2f} %"


def test_each_contact_got_one_mail_in_its_language(finished: Finished) -> None:
    read = [email.message_from_bytes(each.read_bytes(), policy=email.policy.default) for each in mails(finished.home)]
    recipients = Counter(str(each["To"]) for each in read)
    assert len(recipients) == CONTACTS
    assert set(recipients.values()) == {1}
    languages = Counter(str(each["Content-Language"]) for each in read)
    assert languages == {"en": CONTACTS // 2, "es": CONTACTS // 2}


def test_nobody_else_can_read_the_home(finished: Finished) -> None:
    assert finished.home.stat().st_mode & 0o777 == 0o700
    open_to_others = [each for each in (finished.home / "keys").iterdir() if each.stat().st_mode & 0o077]
    assert open_to_others == []


def test_the_next_start_keeps_all_and_takes_nothing_in_twice(finished: Finished) -> None:
    with Up(finished.home) as up:
        again = up.account()
    assert numbers(again) == numbers(finished.account)
    assert again["urls"] == finished.account["urls"]
    assert (again["messages"], left_over(again)) == (0, {})
    assert len(mails(finished.home)) == CONTACTS


def test_it_stays_until_told_to_stop_restarts_what_dies_and_ends_in_time(finished: Finished) -> None:
    with Up(finished.home, once=False) as up:
        up.await_line("Running until Ctrl-C.")
        assert float(up.await_line("Serving after").split()[2]) < 60
        with Up(finished.home) as second:
            assert second.wait(30) == 2
        assert "in use by another `concord up`" in second.said
        pids = up.pids()
        assert pids.keys() == {"broker", "mail-catcher", "intake", "routing", "notification", "metrics"}
        os.kill(pids["metrics"], signal.SIGKILL)
        up.await_line("metrics was ended by SIGKILL; restarting it in")
        up.await_line("metrics runs again")
        page = up.running()["urls"]["mail-page"]
        with urllib.request.urlopen(page, timeout=10) as answer:
            assert b"resident-" in answer.read()
        begun = monotonic()
        up.signal(signal.SIGINT)
        assert up.wait(30) == 0
    assert monotonic() - begun < 11
    assert gone(finished.home, 1)


def test_a_killed_supervisor_takes_everything_with_it_and_the_next_goes_on(finished: Finished, tmp_path: Path) -> None:
    home = tmp_path / "home"
    with Up(home) as up:
        up.await_line("Importing 2,000 records")
        pids = up.pids()
        assert len(pids) == 6
        up.signal(signal.SIGKILL)
        up.wait(10)
        assert gone(home, 10), [pid for pid in pids.values() if is_ours(pid, home)]
    with Up(home) as up:
        account = up.account()
    assert numbers(account) == numbers(finished.account)
    assert left_over(account) == {}


def test_the_second_signal_ends_everything_at_once(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with Up(home, "--no-import", once=False) as up:
        up.await_line("Running until Ctrl-C.")
        up.signal(signal.SIGTERM)
        up.await_line("Stopping")
        begun = monotonic()
        up.signal(signal.SIGTERM)
        up.wait(10)
        assert monotonic() - begun < 4
    assert gone(home, 2)


def test_the_logs_of_the_services_are_json_lines(finished: Finished) -> None:
    lines = {
        name: (finished.home / "logs" / f"{name}.log").read_text("utf-8").splitlines()
        for name in ("intake", "routing", "notification", "metrics")
    }
    for name, written in lines.items():
        assert {json.loads(line)["service"] for line in written} == {name}


def test_a_taken_port_is_named_before_anything_starts(tmp_path: Path) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with Up(tmp_path / "home", "--routing-port", str(port)) as up:
            assert up.wait(30) == 2
    assert up.lines[-1].startswith(f"Error: Port {port} on 127.0.0.1, wanted for routing, is taken")
    assert gone(tmp_path / "home", 1)


def test_an_unusable_city_is_explained(tmp_path: Path) -> None:
    (tmp_path / "city").mkdir()
    with Up(tmp_path / "home", "--city", str(tmp_path / "city")) as up:
        assert up.wait(60) == 2
    assert "city is not a usable city folder:" in up.said
    assert "city.toml: error:" in up.said
    assert gone(tmp_path / "home", 5)


def test_a_broker_that_cannot_be_reached(tmp_path: Path) -> None:
    arguments = ("--broker", "amqp://127.0.0.1:9", "--management", "http://a:b@127.0.0.1:9")
    with Up(tmp_path / "home", *arguments) as up:
        assert up.wait(60) == 2
    assert up.lines[-1].startswith("Error: No response from the broker at 127.0.0.1:9 (Connection refused): start it,")


def test_records_that_intake_refuses_are_named_and_end_the_wait(tmp_path: Path) -> None:
    records = tmp_path / "few.csv"
    records.write_text(
        "n_id,n_category,n_text,n_time,n_lon,n_lat,n_area\n"
        "1,graffiti,On a wall,2015-01-01T10:00:00-05:00,-71.0735,42.3335,D4\n"
        "2,dragons,Seen by day,2015-01-01T10:00:00-05:00,-71.0735,42.3335,D4\n"
        "3,noise,Somewhere,2015-01-01,,,\n"
        "4,noise,Somewhere,some day,,,\n",
        "utf-8",
    )
    with Up(tmp_path / "home", "--records", str(records), "--city", str(city())) as up:
        assert up.wait(120) == 1
    assert "Missing: intake refused 1 records, the first: 2: category: Unknown category." in up.said
    assert "few.csv line 5, column n_time: 'some day' is not a time" in up.said
    assert "Missing: 1 row of few.csv is no record." in up.said


def city() -> Path:
    from .running import CHECKOUT

    return CHECKOUT / "deploy/sample/boston/city"
