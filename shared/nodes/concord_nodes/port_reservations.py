"""Reservations of ports, shared by all processes of one user.

Between the choice of a port and the moment when something listens on it, the port looks free to everybody. A process
therefore notes its choice in a ledger under a lock, and no other process of this user chooses that port meanwhile.
"""

import fcntl
import json
import os
import random
import stat
import tempfile
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from concord_nodes.errors import NodeError
from concord_nodes.node_state import write_private

RESERVED_SECONDS = 3600.0
LOCK_SECONDS = 30.0
LOCK_RETRY_SECONDS = 0.002


@dataclass(frozen=True, slots=True)
class Reservation:
    """`process_start` is in clock ticks since boot, `reserved_at` in seconds of Unix time."""

    process: int
    process_start: int
    reserved_at: float


def current(
    ledger: Mapping[int, Reservation], now: float, start_of: Callable[[int], int | None]
) -> dict[int, Reservation]:
    """Return the valid reservations: their process lives, and they are at most RESERVED_SECONDS old."""
    starts = {process: start_of(process) for process in {reservation.process for reservation in ledger.values()}}
    return {
        port: reservation
        for port, reservation in ledger.items()
        if 0 <= now - reservation.reserved_at <= RESERVED_SECONDS
        and starts[reservation.process] == reservation.process_start
    }


class PortReservations:
    """The ledger in `folder`, which belongs to this user alone."""

    def __init__(self, folder: Path | None = None, *, clock: Callable[[], float] = time.time) -> None:
        self._folder = folder or user_folder()
        self._clock = clock

    def reserve(
        self, count: int, among: range, is_free: Callable[[int], bool], excluded: Collection[int] = ()
    ) -> list[int]:
        """Reserve distinct free ports for this process and return them.

        Raises NodeError when there are too few, or without access to the ledger.
        """
        shuffled = random.Random().sample(among, len(among))
        chosen: list[int] = []
        with self._ledger() as ledger:
            for port in shuffled:
                if len(chosen) == count:
                    break
                if port not in ledger and port not in excluded and is_free(port):
                    chosen.append(port)
            if len(chosen) < count:
                raise NodeError(
                    f"Too few ports from {among.start} to {among.stop - 1} are free.",
                    "Stop programs that listen there.",
                )
            ledger.update(dict.fromkeys(chosen, self._own_reservation()))
        return chosen

    def claim(self, port: int) -> bool:
        """Reserve this port; return False when another process has reserved it."""
        with self._ledger() as ledger:
            reservation = ledger.get(port)
            if reservation and reservation.process != os.getpid():
                return False
            ledger[port] = self._own_reservation()
        return True

    def _own_reservation(self) -> Reservation:
        process = os.getpid()
        return Reservation(process, process_start(process) or 0, self._clock())

    @contextmanager
    def _ledger(self) -> Iterator[dict[int, Reservation]]:
        """Yield the valid reservations under the lock, then write the changed ones back."""
        try:
            _make_private(self._folder)
            with _locked(self._folder / "ports.lock"):
                file = self._folder / "ports.json"
                ledger = current(_read(file), self._clock(), process_start)
                yield ledger
                write_private(file, json.dumps({port: asdict(entry) for port, entry in ledger.items()}))
        except OSError as error:
            raise NodeError(
                f"The folder {self._folder} for reserved ports cannot be used: {error.strerror}.",
                "Change its permissions, or free space on its disk.",
            ) from error


def user_folder() -> Path:
    """Return the folder that all processes of this user share: in /tmp, whatever the environment, if writable."""
    shared = Path("/tmp")
    base = shared if os.access(shared, os.W_OK) else Path(tempfile.gettempdir())
    return base / f"concord-{os.geteuid()}"


def process_start(process: int) -> int | None:
    """Return the start of a process in clock ticks since boot; None when it has ended."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] == "Z" else int(fields[19])


def _make_private(folder: Path) -> None:
    """Create the folder. Raises NodeError when another user could have put something into it."""
    folder.mkdir(mode=0o700, exist_ok=True)
    status = folder.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.geteuid() or status.st_mode & 0o077:
        raise NodeError(
            f"{folder} is not a folder of this user alone, so it cannot hold port reservations.",
            "Remove it, or ask its owner to remove it.",
        )


@contextmanager
def _locked(file: Path) -> Iterator[None]:
    """Hold the lock for the block. Raises NodeError when another process holds it for LOCK_SECONDS."""
    lock = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        deadline = time.monotonic() + LOCK_SECONDS
        while not lock_now(lock):
            if time.monotonic() > deadline:
                raise NodeError(f"{file} stays locked by another process.", "End that process.")
            time.sleep(LOCK_RETRY_SECONDS)
        yield
    finally:
        os.close(lock)


def lock_now(lock: int) -> bool:
    """Lock an open file if no other process has locked it; return whether it did."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _read(file: Path) -> dict[int, Reservation]:
    """Return the ledger's entries. A missing or damaged file counts as empty, as each choice checks the port too."""
    try:
        return {int(port): Reservation(**entry) for port, entry in json.loads(file.read_text()).items()}
    except (FileNotFoundError, ValueError, TypeError, AttributeError):
        return {}
