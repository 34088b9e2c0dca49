"""A host that vanishes from the network loses the relay's lease: another process takes it within 20 seconds.

Its twin with the session's settings is in tests/adapters/bus/test_connection_deadlines.py.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from concord_bus.adapters.sql.database import Database
from concord_bus.adapters.sql.outbox_lease import LeasedOutbox
from concord_bus.adapters.sql.tables import metadata
from concord_nodes import PostgresNode

LIMIT = 20.0
SPACE, OUTSIDE, INSIDE = "concord-gone", "concord-out", "concord-in"
NETWORK, SERVER, CLIENT = "10.211.37.0/30", "10.211.37.1", "10.211.37.2"
HOLD = """
import sys, time
from concord_bus.adapters.sql.database import Database
from concord_bus.adapters.sql.outbox_lease import LeasedOutbox
outbox = LeasedOutbox(Database(sys.argv[1], lambda connection: None))
print("held" if outbox.acquire() else "not held", flush=True)
time.sleep(600)
"""


class ReachablePostgres(PostgresNode):
    """Listens on all addresses, and lets logins in from NETWORK."""

    def _arguments(self) -> Sequence[str]:
        return [*super()._arguments(), "-c", "listen_addresses=*"]

    def let_in(self) -> None:
        with (self._data / "pg_hba.conf").open("a") as rules:
            rules.write(f"\nhost all all {NETWORK} scram-sha-256\n")
        self.execute("SELECT pg_reload_conf()")


def ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, timeout=10)


@pytest.fixture
def other_host() -> Iterator[None]:
    """A network namespace with one link to this one."""
    if os.geteuid() != 0 or shutil.which("ip") is None:
        pytest.skip("needs root and the command ip for network namespaces")
    ip("netns", "add", SPACE)
    try:
        ip("link", "add", OUTSIDE, "type", "veth", "peer", "name", INSIDE, "netns", SPACE)
        ip("addr", "add", f"{SERVER}/30", "dev", OUTSIDE)
        ip("link", "set", OUTSIDE, "up")
        ip("-n", SPACE, "addr", "add", f"{CLIENT}/30", "dev", INSIDE)
        ip("-n", SPACE, "link", "set", INSIDE, "up")
        yield
    finally:
        ip("netns", "del", SPACE)  # the link goes with it


@pytest.fixture
def node(postgres: PostgresNode, parts_folder: Path) -> Iterator[ReachablePostgres]:
    """A server of its own. Asking for `postgres` first skips where there is none."""
    made = ReachablePostgres(parts_folder / "postgres-reachable")
    try:
        made.start()
        made.let_in()
        yield made
    finally:
        made.discard()


@pytest.mark.usefixtures("other_host")
def test_the_lease_of_a_vanished_host_passes_on(node: ReachablePostgres) -> None:
    database = Database(node.create_database("leased"), lambda connection: None)
    metadata.create_all(database.engine)
    url = node.url("leased").replace("@127.0.0.1:", f"@{SERVER}:")
    command = ["ip", "netns", "exec", SPACE, sys.executable, "-W", "ignore", "-c", HOLD, url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as holder:
        try:
            assert holder.stdout is not None
            assert holder.stdout.readline() == "held\n"
            standby = LeasedOutbox(database)
            assert not standby.acquire()
            ip("link", "set", OUTSIDE, "down")
            began = time.monotonic()
            while not standby.acquire():
                assert time.monotonic() - began < LIMIT, "the server keeps the session of a host that is gone"
                time.sleep(0.2)
            print(f"taken over after {time.monotonic() - began:.1f} s")
            standby.release()
        finally:
            holder.kill()
    database.dispose()
