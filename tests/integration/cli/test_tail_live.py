"""`concord tail` on a live broker: what comes, what has been, and on across an interruption."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from bus_messages import received, submitted
from bus_stage import Stage, ids
from bus_waiting import eventually

NAME = "concord tail"


class Tail:
    """One `concord tail` that runs."""

    def __init__(self, process: subprocess.Popen[bytes], out: Path, err: Path) -> None:
        self.process = process
        self._out, self._err = out, err

    def lines(self) -> list[str]:
        return self._out.read_text().splitlines()

    def ids(self) -> list[str]:
        return [json.loads(each)["id"] for each in self.lines()]

    def said(self) -> str:
        return self._err.read_text()

    def end(self) -> int:
        """Ctrl-C; its exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(30)


@contextmanager
def tailing(stage: Stage, *arguments: str, url: str | None = None) -> Iterator[Tail]:
    out, err = stage.folder / "tail.out", stage.folder / "tail.err"
    command = [sys.executable, "-W", "ignore", "-m", "concord_cli", "tail", "--broker", url or stage.url, *arguments]
    with out.open("wb") as to_out, err.open("wb") as to_err:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=to_out, stderr=to_err)
    try:
        yield Tail(process, out, err)
    finally:
        process.kill()
        process.wait()


def connections(stage: Stage) -> list[str]:
    found: list[dict[str, Any]] = stage.node.management.call("GET", "/api/connections")
    mine = [each for each in found if each.get("vhost") == stage.vhost]
    return [each["name"] for each in mine if each.get("client_properties", {}).get("connection_name") == NAME]


def consumers(stage: Stage) -> int:
    found: list[dict[str, Any]] = stage.node.management.call("GET", f"/api/consumers/{quote(stage.vhost, safe='')}")
    return sum(each["queue"]["name"] == "concord.log" for each in found)


def test_what_has_been_is_shown_and_count_ends_it(stage: Stage) -> None:
    events = [received(f"c{each}") for each in range(3)]
    stage.publish(*events, submitted("private"))
    with tailing(stage, "--since", "1h", "--count", "3", "--json") as tail:
        assert tail.process.wait(60) == 0, tail.said()
    assert tail.ids() == ids(events)
    assert tail.said() == ""


def test_it_goes_on_across_an_interruption_without_gap_or_double(stage: Stage) -> None:
    with tailing(stage, "--json", "--category", "noi*") as tail:
        eventually(lambda: consumers(stage), 1, 60)
        first = [received(f"a{each}") for each in range(3)]
        stage.publish(*first)
        eventually(tail.ids, ids(first), 60)
        (name,) = eventually(lambda: connections(stage), lambda found: len(found) == 1, 60)
        stage.node.management.call("DELETE", f"/api/connections/{quote(name, safe='')}")
        eventually(lambda: "The broker is unavailable" in tail.said(), True, 60)
        second = [received(f"b{each}") for each in range(3)]
        stage.publish(*second)
        eventually(tail.ids, ids([*first, *second]), 60)
        assert tail.said().endswith("Connected again.\n")
        assert tail.end() == 130
    assert "Traceback" not in tail.said()


def test_a_login_without_the_right_to_read_the_log_is_told(stage: Stage) -> None:
    with tailing(stage, url=stage.login("metrics")) as tail:
        assert tail.process.wait(60) == 2
    assert tail.said() == "Error: 'metrics' may not read concord.log: use a login with read permission on it.\n"
    with tailing(stage, url=stage.url.replace(stage.node.password, "wrong")) as tail:
        assert tail.process.wait(60) == 2
    assert "refused the login of 'concord'" in tail.said()


def test_a_broker_without_the_log_names_the_command_that_makes_it(stage: Stage) -> None:
    stage.node.management.call("DELETE", f"/api/queues/{quote(stage.vhost, safe='')}/concord.log")
    with tailing(stage) as tail:
        assert tail.process.wait(60) == 2
    assert "run `concord topology apply`" in tail.said()
