"""A name is looked up without stopping the process. In a process of its own, because it is made green for good."""

import os
import subprocess
import sys

import pytest

from concord_bus.topology.declarations import SERVICES

PREPARED = """
import time
from concord_cli.common.eventlet_setup import patch_eventlet
patch_eventlet()
import eventlet, socket
from eventlet.patcher import original
from concord_cli.common import eventlet_setup
slow = original("time").sleep
"""


def run(script: str, **env: str) -> str:
    given = {**os.environ, **env}
    command = [sys.executable, "-c", PREPARED + script]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, env=given)
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
look_up = eventlet_setup.in_a_thread(lambda host, port: slow(0.3) or host)
print(look_up("name.example.org", 25), len(ticks) > 5)
"""
    assert run(script).split() == ["name.example.org", "True"]


def test_an_answer_that_does_not_come_is_an_error_in_time() -> None:
    script = """
eventlet_setup.RESOLVE_SECONDS = 0.2
look_up = eventlet_setup.in_a_thread(lambda host, port: slow(2))
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


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_does_not_load_what_it_does_not_need(service: str) -> None:
    script = f"""
import importlib, sys
importlib.import_module("concord_{service}.service")
loaded = {{name for name, each in sys.modules.items() if each}}
print(*(loaded & {{"rich", "apispec", "joserfc", "psycopg2", "alembic"}}))
"""
    assert run(script, CONCORD_DATABASE_URL="sqlite:////tmp/never-opened.db").split() == []


@pytest.mark.parametrize(
    ("url", "driver"),
    [("postgresql+psycopg2://intake@127.0.0.1/intake", "True"), ("sqlite:////tmp/intake.db", "False")],
)
def test_all_is_made_green_and_the_driver_of_postgresql_where_it_is_used(url: str, driver: str) -> None:
    script = """
from eventlet.patcher import is_monkey_patched
import psycopg2.extensions
print(psycopg2.extensions.get_wait_callback() is not None)
print(*[name for name in ("os", "select", "socket", "thread", "time") if not is_monkey_patched(name)])
"""
    assert run(script, CONCORD_DATABASE_URL=url).split() == [driver]


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
    from concord_cli.common.eventlet_setup import is_address

    assert is_address(host) is expected
