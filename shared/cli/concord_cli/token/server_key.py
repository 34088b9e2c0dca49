"""The server key, with which the services and `concord token` hash API keys."""

import os
import secrets
from pathlib import Path

from concord_access.domain.api_key import MIN_PEPPER_BYTES
from concord_access.settings import PEPPER
from concord_bus.settings import SettingsError, optional
from concord_cli.common.errors import UsageError
from concord_cli.common.home_folder import write_private


def server_key(home: Path | None, *, create: bool) -> bytes:
    """Return the key from CONCORD_ACCESS_KEY or its file, else from the home folder, where `create` allows a new one.

    Raises UsageError without a key: existing API keys need the server key with which they were issued.
    """
    try:
        key = optional(os.environ, PEPPER)
    except SettingsError as error:
        raise UsageError(str(error)) from error
    if key is None and home is not None:
        key = _local_key(home / "keys" / "access", create=create)
    if key is None:
        raise UsageError(f"Set {PEPPER} (or {PEPPER}_FILE) to the server key of the services.")
    if len(key.encode()) < MIN_PEPPER_BYTES:
        raise UsageError(f"{PEPPER} must be random text of at least {MIN_PEPPER_BYTES} characters.")
    return key.encode()


def _local_key(file: Path, *, create: bool) -> str:
    if not file.exists():
        if not create:
            raise UsageError(f"{file} is missing, and existing API keys need it: restore it.")
        file.parent.mkdir(mode=0o700, exist_ok=True)
        write_private(file, secrets.token_urlsafe(32) + "\n")
    return file.read_text("ascii").strip()
