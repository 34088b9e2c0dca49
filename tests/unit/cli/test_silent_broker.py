"""A broker that accepts connections and is silent, as one that the system has frozen: what the commands say."""

import json
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from concord_cli.commands import concord
from concord_cli.common.broker_target import broker_of
from concord_cli.doctor import timed_get
from concord_cli.tail.stream_follower import StreamFollower


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """The port of a server whose connections the system accepts and nobody serves. The commands wait a second."""
    monkeypatch.setattr("concord_cli.common.broker_connection.ANSWER_SECONDS", 1)
    monkeypatch.setattr(timed_get, "LIMITS", replace(timed_get.LIMITS, read_seconds=1))
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_doctor_says_so_in_words_and_tries_one_login(port: int) -> None:
    logins = [
        part for name in ("intake", "routing") for part in ("--broker", f"amqp://{name}:secret@127.0.0.1:{port}/")
    ]
    place = ["--management", f"http://a:b@127.0.0.1:{port}", "--service", f"intake=http://127.0.0.1:{port}"]
    done = CliRunner().invoke(concord, ["doctor", "--json", *place, *logins])
    assert done.exit_code == 1, done.output
    found = [(row["level"], row["about"], row["what"]) for row in json.loads(done.stdout)["findings"]]
    where = f"127.0.0.1:{port}"
    assert (
        "problem",
        "broker",
        f"no response from the management API at http://{where}: no answer within 1 s",
    ) in found
    assert ("problem", "logins", f"intake at {where} cannot connect: no answer within 10 s") in found
    assert ("warning", "logins", f"routing at {where} not tried: the broker is silent") in found
    assert ("problem", "intake", f"no response from http://{where}: no answer within 1 s") in found


def test_tail_waits_for_it(port: int) -> None:
    said: list[str] = []

    class Enough(Exception):
        pass

    def report(line: str) -> None:
        said.append(line)
        raise Enough

    follower = StreamFollower(broker_of(f"amqp://a:b@127.0.0.1:{port}/", Path()), "next", report)
    with pytest.raises(Enough):
        next(follower.bodies())
    assert said[0].startswith("The broker is unavailable (no answer within 10 s); retrying in ")
