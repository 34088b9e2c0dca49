"""A small disk that is full under intake's database: it says so, accepts nothing, and goes on once there is space.

Twins in `make test`: tests/unit/bus/test_disk_watch.py and tests/unit/bus/test_database_away.py.
"""

import http.client
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "bench"))

from programs import get
from stage import Service, stage

from concord_nodes.tcp_ports import until

DISK_MIB = 24
FREE_MIB = 4
CONCERN = {"category": "graffiti", "description": "A wall", "point": {"lon": -71.0944, "lat": 42.3474}}


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own in memory."""
    if os.geteuid() != 0:
        pytest.skip("needs root to mount a small file system")
    folder = tmp_path / "small"
    folder.mkdir()
    size = f"size={DISK_MIB}m"
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", size, "tmpfs", folder], check=False, timeout=10, capture_output=True
    )
    if mounted.returncode:
        pytest.skip("this machine allows no mount")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True, timeout=10)


def fill(folder: Path) -> Path:
    """Write a file until nothing fits any more."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while file.write(b"\0" * 4096):
                pass
        except OSError:
            return ballast


def post(port: int) -> tuple[int, str | None]:
    """Return the status and the Retry-After of a new concern."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("POST", "/v1/concerns", json.dumps(CONCERN), {"Content-Type": "application/json"})
        answer = connection.getresponse()
        answer.read()
        return answer.status, answer.getheader("Retry-After")
    finally:
        connection.close()


def readiness(service: Service) -> tuple[int, str]:
    status, body = get(service.port, "/readyz")
    return status, body.decode()


def test_a_full_disk_is_named_loses_nothing_and_ends_by_itself(small_disk: Path) -> None:
    with stage(postgres=False) as on:
        broker = on.broker()
        settings = {
            "CONCORD_DATABASE_URL": f"sqlite:///{small_disk / 'intake.db'}",
            "CONCORD_DISK_FREE_MIB": str(FREE_MIB),
        }
        with on.service("intake", broker, **settings) as intake:
            intake.await_ready()
            pid = intake.pid
            answers = [post(intake.port) for _ in range(20)]
            assert [status for status, _ in answers] == [201] * 20
            ballast = fill(small_disk)
            assert until(lambda: "is full" in readiness(intake)[1], 30, 0.2), readiness(intake)
            assert readiness(intake)[0] == 503
            answers += [post(intake.port) for _ in range(50)]  # pages that the file holds already may take some
            threading.Event().wait(5)
            ballast.unlink()
            assert until(lambda: readiness(intake)[0] == 200, 60, 0.2), readiness(intake)
            assert all(retry for status, retry in answers if status == 503)
            assert {status for status, _ in answers} == {201, 503}
            answers.append(post(intake.port))
            assert answers[-1] == (201, None)
            assert intake.pid == pid
            accepted = sum(status == 201 for status, _ in answers)
            print(f"{accepted} of {len(answers)} accepted, the others got 503")
            assert json.loads(intake.ledger())["concerns"] == accepted
            assert until(lambda: json.loads(intake.ledger())["outbox"] == 0, 90, 0.2)
            # Some may come twice, for routing's inbox to ignore: a full disk let the relay note nothing that it sent.
            assert broker.ready("routing.submitted") >= accepted
            assert intake.metric("concord_bus_parked_messages") == 0
