"""Nothing of a node outlives its owner, however the owner ends."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from concord_nodes import RabbitNode
from concord_nodes.process_guard import NOT_STARTED
from concord_nodes.tcp_ports import until

OWNER = """
import sys, time
from pathlib import Path
import concord_nodes
node = getattr(concord_nodes, sys.argv[1])(Path(sys.argv[2])).start()
print(node.pid, flush=True)
time.sleep(600)
"""

NEEDED = {"RabbitNode": "rabbit", "PostgresNode": "postgres", "PrometheusNode": "prometheus"}
"""The fixture that skips the test where the node's program is not installed."""


def processes_naming(folder: Path) -> list[int]:
    """Living processes with this folder in their arguments or environment."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            named = (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes()
        except OSError:
            continue
        if os.fsencode(folder) in named:
            found.append(int(entry.name))
    return found


def owner_of(kind: str, folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", OWNER, kind, str(folder)], stdout=subprocess.PIPE, text=True, start_new_session=True
    )


def kill_owner(owner: subprocess.Popen[str], node: int) -> None:
    owner.kill()


def kill_owner_of_frozen_node(owner: subprocess.Popen[str], node: int) -> None:
    os.kill(node, signal.SIGSTOP)
    owner.kill()


def kill_the_guard_too(owner: subprocess.Popen[str], node: int) -> None:
    guard = int(Path(f"/proc/{node}/stat").read_text().rpartition(")")[2].split()[1])
    owner.kill()
    os.kill(guard, signal.SIGKILL)


@pytest.mark.parametrize(
    ("kind", "end"),
    [
        ("RabbitNode", kill_owner),
        ("RabbitNode", kill_owner_of_frozen_node),
        ("PostgresNode", kill_owner),
        ("PrometheusNode", kill_owner),
        ("MailNode", kill_owner),
        ("MailNode", kill_the_guard_too),
    ],
)
def test_no_process_is_left_when_the_owner_is_killed(
    kind: str, end: Callable[[subprocess.Popen[str], int], None], parts_folder: Path, request: pytest.FixtureRequest
) -> None:
    if kind in NEEDED:
        request.getfixturevalue(NEEDED[kind])
    folder = parts_folder / f"owned-{request.node.callspec.id}"
    owner = owner_of(kind, folder)
    try:
        assert owner.stdout is not None
        node = int(owner.stdout.readline())
        assert len(processes_naming(folder)) >= 3
        end(owner, node)
        assert until(lambda: not processes_naming(folder), 10), processes_naming(folder)
    finally:
        owner.kill()
        owner.wait(timeout=10)


def test_a_node_can_be_started_right_after_its_owner_was_killed(rabbit: RabbitNode, parts_folder: Path) -> None:
    folder = parts_folder / "inherited"
    owner = owner_of("RabbitNode", folder)
    assert owner.stdout is not None
    first = int(owner.stdout.readline())
    owner.kill()
    with RabbitNode(folder) as node:
        assert node.pid != first
        node.discard()
    owner.wait(timeout=10)


def test_a_command_whose_guard_ended_first_does_not_begin() -> None:
    """The kernel sends no signal for a parent that ended before it was asked to."""
    program = "import os; from concord_nodes.process_guard import die_with; die_with(os.getppid()%s); print('begun')"
    begun, orphaned = (
        subprocess.run([sys.executable, "-c", program % more], capture_output=True, text=True, check=False, timeout=30)
        for more in ("", " + 1")
    )
    assert (begun.returncode, begun.stdout) == (0, "begun\n")
    assert (orphaned.returncode, orphaned.stdout) == (NOT_STARTED, "")
