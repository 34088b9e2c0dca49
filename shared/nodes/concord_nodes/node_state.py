"""The file in a node's folder with its name, its ports and its administrator's login."""

import json
import os
import secrets
from dataclasses import asdict, dataclass, field
from pathlib import Path

from concord_nodes.errors import NodeError

FILE = "node.json"


@dataclass(frozen=True, slots=True)
class Identity:
    """`name` is unique to the folder; `ports` maps a listener to its port, as used by the latest start."""

    name: str
    user: str
    password: str
    secret: str
    ports: dict[str, int] = field(default_factory=dict)


def make_folder(folder: Path) -> None:
    """Create the folder, readable by its owner alone. Raises NodeError without the permission to do so."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise NodeError(
            f"The folder {folder} cannot be used: {error.strerror}.", "Choose another, or change its permissions."
        ) from error


def recall(folder: Path, kind: str) -> Identity:
    """Return the identity stored in `folder`, or a new one with a random name and secrets."""
    file = folder / FILE
    if not file.exists():
        return Identity(
            name=f"{kind}-{secrets.token_hex(6)}",
            user="concord",
            password=secrets.token_urlsafe(24),
            secret=secrets.token_hex(24),
        )
    try:
        return Identity(**json.loads(file.read_text()))
    except (OSError, ValueError, TypeError) as error:
        raise NodeError(
            f"{file} cannot be read ({error}).", "Restore it, or remove the folder to start with an empty node."
        ) from error


def remember(folder: Path, identity: Identity) -> None:
    write_private(folder / FILE, json.dumps(asdict(identity), indent=1) + "\n")


def write_private(file: Path, text: str, mode: int = 0o600) -> None:
    """Replace `file` in one step. Only its owner can read it at any time."""
    beside = file.with_name(file.name + ".new")
    beside.unlink(missing_ok=True)
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w") as out:
        out.write(text)
    beside.replace(file)
