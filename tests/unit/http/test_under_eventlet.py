"""The client in a process that eventlet has monkey patched, as the services are."""

import subprocess
import sys

import pytest

from .loopback_server import serving

PROGRAM = """
import sys, time
import eventlet
eventlet.monkey_patch()
from concord_http import HttpClient, Limits, RequestTimeoutError

ticks = []
def tick():
    while True:
        ticks.append(time.monotonic())
        eventlet.sleep(0.01)

ticker = eventlet.spawn(tick)
limits = Limits(read_seconds=float(sys.argv[3]), total_seconds=float(sys.argv[4]))
client = HttpClient(sys.argv[1], limits=limits)
assert client.get_json("/")["path"] == "/"
eventlet.sleep(0.05)
ticks.clear()
try:
    client.get(sys.argv[2])
except RequestTimeoutError as error:
    print(error, "others ran" if len(ticks) > 3 else "others stood still")
assert client.get_json("/")["path"] == "/"
client.close()
"""


@pytest.mark.parametrize(
    ("path", "read", "total", "said"),
    [
        ("/silent", "0.3", "60", "timed out waiting for data"),
        ("/silent", "60", "0.4", "timed out after 0.4 s"),
        ("/slow-headers", "60", "0.4", "timed out after 0.4 s"),
        ("/slow-body", "60", "0.4", "timed out after 0.4 s"),
        ("/slow-body-until-close", "60", "0.4", "timed out after 0.4 s"),
    ],
)
def test_times_hold_and_other_green_threads_run(path: str, read: str, total: str, said: str) -> None:
    with serving() as server:
        command = [sys.executable, "-W", "ignore", "-c", PROGRAM, server.url, path, read, total]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert (done.stdout.strip(), done.returncode) == (f"{said} others ran", 0), done.stderr
