"""Runs one command and ends all its processes when its owner ends. Needs the standard library only.

    python guard.py OWNER_PID LOCK_FILE USER|- COMMAND...

The guard watches the owner through a pidfd, adopts every orphan below itself (PR_SET_CHILD_SUBREAPER) and kills them
all. When somebody kills the guard, the kernel kills the command too (PR_SET_PDEATHSIG).

Simpler means do not suffice:
- PR_SET_PDEATHSIG on the node itself fires when the *thread* that started it ends, and the node's children lack it.
  The guard has one thread, so there it works.
- A process group misses children with a session of their own, such as PostgreSQL's.
- An atexit hook does not run after `kill -9`.

The guard holds a lock on LOCK_FILE as long as the command lives, so one folder never has two nodes. The file names the
owner. The guard prints the command's process id as its first line. It passes SIGTERM, SIGINT and SIGQUIT on to the
command; SIGUSR1 makes it kill everything at once.
"""

import ctypes
import fcntl
import os
import select
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
LOCKED = 75
NOT_STARTED = 71
LIBC = ctypes.CDLL(None, use_errno=True)


def main(argv: list[str]) -> int:
    owner, lock_file, user, *command = argv
    lock = os.open(lock_file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return LOCKED
    os.truncate(lock, 0)
    os.write(lock, owner.encode())
    LIBC.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    owner_gone = os.pidfd_open(int(owner))
    if os.getppid() != int(owner):
        return NOT_STARTED
    child = start(command, None if user == "-" else user)
    forward_signals(child)
    print(child.pid, flush=True)
    watch(owner_gone, child)
    end_descendants()
    code = child.wait()
    reap_rest()
    return code if code >= 0 else 128 - code


def start(command: list[str], user: str | None) -> subprocess.Popen[bytes]:
    as_user = {"user": user, "group": user, "extra_groups": []} if user else {}
    return subprocess.Popen(  # type: ignore[call-overload,no-any-return]
        command,
        stdin=subprocess.DEVNULL,
        stdout=sys.stderr.fileno(),
        preexec_fn=partial(die_with, os.getpid()),
        **as_user,
    )


def die_with(parent: int) -> None:
    """Have the kernel kill this process when `parent` ends. End at once if it has ended already: no signal comes then.

    A guard may end between the fork and this call, because its owner gives up while the machine is busy.
    """
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(NOT_STARTED)


def forward_signals(child: subprocess.Popen[bytes]) -> None:
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT):
        signal.signal(number, lambda received, _: child.send_signal(received))
    signal.signal(signal.SIGUSR1, lambda *_: end_descendants())


def watch(owner_gone: int, child: subprocess.Popen[bytes]) -> None:
    """Wait for the end of the command or of the owner; reap adopted orphans every five seconds."""
    ended = os.pidfd_open(child.pid)
    waiting = select.poll()
    waiting.register(owner_gone, select.POLLIN)
    waiting.register(ended, select.POLLIN)
    while not waiting.poll(5_000):
        reap_all_but(child.pid)


def reap_all_but(pid: int) -> None:
    while (ended := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)) and ended.si_pid != pid:
        os.waitpid(ended.si_pid, 0)


def reap_rest() -> None:
    """Reap the dead children that are left: an init process in a container may not do it."""
    while True:
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            return


def end_descendants() -> None:
    """Kill every process below this one. Repeat until none lives, because a process can fork meanwhile."""
    while alive := descendants():
        for pid in alive:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        select.select([], [], [], 0.01)


def descendants() -> list[int]:
    """Return the living processes below this one, by the parent of every process in /proc."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            state, parent = (entry / "stat").read_text().rpartition(")")[2].split()[:2]
        except OSError:
            continue
        if state != "Z":
            children.setdefault(int(parent), []).append(int(entry.name))
    processes = [os.getpid()]
    for process in processes:  # the list grows in the loop
        processes += children.get(process, [])
    return processes[1:]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
