"""A name is looked up without stopping the process. In a process of its own, because it is made green for good."""

import subprocess
import sys

import pytest

PREPARED = """
import time
from concord_cli.green import make_green
make_green()
import eventlet, socket
from eventlet.patcher import original
from concord_cli import green
slow = original("time").sleep
"""


def run(script: str) -> str:
    done = subprocess.run([sys.executable, "-c", PREPARED + script], capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_others_go_on_while_a_name_is_looked_up() -> None:
    script = """
ticks = []
def tick():
    while True:
        ticks.append(1)
        eventlet.sleep(0.01)
eventlet.spawn(tick)
look_up = green.in_a_thread(lambda host, port: slow(0.3) or host)
print(look_up("name.example.org", 25), len(ticks) > 5)
"""
    assert run(script).split() == ["name.example.org", "True"]


def test_an_answer_that_does_not_come_is_an_error_in_time() -> None:
    script = """
green.RESOLVE_SECONDS = 0.2
look_up = green.in_a_thread(lambda host, port: slow(2))
try:
    look_up("name.example.org", 25)
except socket.gaierror as error:
    print(error.errno == socket.EAI_AGAIN)
"""
    assert run(script).split() == ["True"]


def test_dns_of_eventlet_is_not_loaded_and_localhost_is_found() -> None:
    script = """
import sys
print("dns" in sys.modules, sorted({each[4][0] for each in socket.getaddrinfo("localhost", 25)})[0])
"""
    loaded, address = run(script).split()
    assert (loaded, address in ("127.0.0.1", "::1")) == ("False", True)


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", True),
        (b"127.0.0.1", True),
        ("::1", True),
        ("fe80::1%eth0", True),
        ("localhost", False),
        ("1.2.3", False),
        ("", False),
        ("a\0b", False),
    ],
)
def test_an_address_is_told_from_a_name(host: str | bytes, expected: bool) -> None:
    from concord_cli.green import is_address

    assert is_address(host) is expected
