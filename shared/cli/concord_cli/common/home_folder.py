"""The home folder of a local run: its keys, passwords, TCP ports and logs, readable only by its owner."""

import fcntl
import json
import os
import secrets
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from cryptography.fernet import Fernet

from concord_bus.topology.declarations import MONITOR, SERVICES
from concord_cli.common.errors import UsageError
from concord_cli.common.terminal_text import plain

FERNET_KEYS = ("routing", "notification", "intake", "vault")
PASSWORDS = tuple(f"password-{login}" for login in (*SERVICES, MONITOR))
OTHERS = ("receipt", "link", "access", "ops-token")
SECRETS = (*FERNET_KEYS, *OTHERS, *PASSWORDS)
INVENTORY = "home.json"
RUNNING = "running.json"


@dataclass(frozen=True, slots=True)
class Home:
    """Folders and files of one home. Hold `lock` for as long as anything runs in it."""

    folder: Path
    lock: TextIO

    @classmethod
    def open(cls, folder: Path) -> "Home":
        """Create the folder if necessary, lock it, and create its secrets.

        Raises UsageError if the folder is not writable, if another `concord up` uses it, if it is a moved or copied
        home with a broker, or if a key is missing.
        """
        folder = folder.absolute()
        if not str(folder).isprintable():
            raise UsageError(
                f"The path {plain(str(folder))} has characters that no text can show: choose another --home."
            )
        try:
            _make(folder)
            folder = _settled(folder)
            lock = _lock(folder)
            home = cls(folder, lock)
            for part in ("keys", "logs", *SERVICES):
                (folder / part).mkdir(mode=0o700, exist_ok=True)
            home._complete_secrets()
            home.remember(place=str(folder))
        except OSError as error:
            where = error.filename or folder
            raise UsageError(
                f"The home folder cannot be used: {where}: {error.strerror}. Choose another with --home."
            ) from error
        return home

    def key_file(self, name: str) -> Path:
        """Return the file with a secret; `name` is one of SECRETS."""
        return self.folder / "keys" / name

    def secret(self, name: str) -> str:
        return self.key_file(name).read_text("ascii").strip()

    def log(self, part: str) -> Path:
        return self.folder / "logs" / f"{part}.log"

    def part(self, name: str) -> Path:
        """Return the folder of one part: a service's database, the broker's data, the mails."""
        return self.folder / name

    def remembered(self) -> dict[str, Any]:
        """Return the facts of `remember` and the names of existing secrets; empty for a new home."""
        return read_inventory(self.folder) if (self.folder / INVENTORY).exists() else {}

    def remember(self, **facts: Any) -> None:
        write_private(self.folder / INVENTORY, json.dumps({**self.remembered(), **facts}, indent=1) + "\n")

    def publish(self, facts: Mapping[str, Any]) -> None:
        """Write process ids and URLs of the running parts, for other programs."""
        write_private(self.folder / RUNNING, json.dumps(facts, indent=1) + "\n")

    def close(self) -> None:
        (self.folder / RUNNING).unlink(missing_ok=True)
        self.lock.close()

    def _complete_secrets(self) -> None:
        """Create missing secrets, but never one that existed before: the data that it encrypted would be lost."""
        expected = self.remembered().get("secrets", [])
        for name in SECRETS:
            file = self.key_file(name)
            if file.exists():
                continue
            if name in expected:
                raise UsageError(f"{file} is missing, and data that it protects cannot be read without it: restore it.")
            write_private(file, _new_secret(name) + "\n")
        if list(SECRETS) != expected:
            self.remember(secrets=list(SECRETS))


def is_home(folder: Path) -> bool:
    """Return whether the folder is the home of a local run."""
    return (folder / INVENTORY).is_file()


def read_inventory(home: Path) -> dict[str, Any]:
    """Return the facts that a home folder remembers: `ports`, `city`, `secrets`, `place`. Raises UsageError."""
    file = home / INVENTORY
    try:
        facts: dict[str, Any] = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"{file} cannot be read ({error}): restore it, or choose another home.") from error
    return facts


def passwords_of(home: Path) -> dict[str, str]:
    """Return the passwords of the broker's logins in a home folder, by login. Raises UsageError."""
    try:
        return {
            login: (home / "keys" / f"password-{login}").read_text("ascii").strip() for login in (*SERVICES, MONITOR)
        }
    except OSError as error:
        raise UsageError(f"{error.filename} cannot be read ({error.strerror}): restore it.") from error


def remembered_city(home: Path) -> Path | None:
    """Return the city folder that the home folder remembers; None without one."""
    try:
        city = read_inventory(home).get("city")
    except UsageError:
        return None
    return Path(city) if city else None


def write_private(file: Path, text: str) -> None:
    """Replace `file` in one step; only its owner can read it."""
    beside = file.with_name(file.name + ".new")
    beside.unlink(missing_ok=True)
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    beside.replace(file)


def _make(folder: Path) -> None:
    """Make a new or empty folder a home. Raises UsageError for a folder with other content."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    names = {file.name for file in folder.iterdir()}
    if names and not names & {INVENTORY, "lock"}:
        raise UsageError(f"{folder} contains other files: choose a new or empty folder with --home.")
    folder.chmod(0o700)


def _settled(folder: Path) -> Path:
    """Return the path at which the home's broker was made: its queues hold that path.

    Raises UsageError for a home that is elsewhere now.
    """
    place = read_inventory(folder).get("place") if is_home(folder) else None
    if place is None or place == str(folder) or not (folder / "rabbitmq").exists():
        return folder
    before = Path(place)
    if before.exists():
        if before.samefile(folder):
            return before
        raise UsageError(
            f"{folder} is a copy of the home {before}, and its broker's queues belong to that place: "
            f"give --home {shlex.quote(place)} or a new folder."
        )
    raise UsageError(
        f"{folder} was moved from {before}, and its broker's queues belong to that place: move it back, or run "
        f"`ln -s {shlex.quote(str(folder))} {shlex.quote(place)}` and give --home {shlex.quote(place)}."
    )


def _lock(folder: Path) -> TextIO:
    lock = os.fdopen(os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600), "r+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        process = lock.read().strip() or "unknown"
        lock.close()
        raise UsageError(
            f"{folder} is in use by another `concord up` (process {process}): stop that one, or choose another --home."
        ) from None
    lock.truncate(0)
    lock.write(str(os.getpid()))
    lock.flush()
    return lock


def _new_secret(name: str) -> str:
    return Fernet.generate_key().decode() if name in FERNET_KEYS else secrets.token_urlsafe(32)
