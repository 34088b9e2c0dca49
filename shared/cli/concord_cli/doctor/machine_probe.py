"""Reads of this machine: disks and key files."""

import shutil
import stat
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from cryptography.fernet import Fernet

from concord_bus.settings import SettingsError, optional
from concord_cli.common.home_folder import FERNET_KEYS
from concord_cli.doctor.findings import Finding, problem
from concord_cli.doctor.machine_rules import KeyFile, check_disk
from concord_contracts.encryption import RECIPIENTS, variable

FERNET_VARIABLES = (*(variable(recipient) for recipient in RECIPIENTS), "CONCORD_VAULT_KEYS")
SECRET_VARIABLES = (*FERNET_VARIABLES, "CONCORD_RECEIPT_KEY", "CONCORD_OPS_TOKEN")


def examine_disks(folders: Sequence[Path]) -> Iterator[Finding]:
    for folder in folders:
        try:
            yield check_disk(str(folder), shutil.disk_usage(folder).free)
        except OSError as error:
            yield problem("disk", f"{folder} cannot be read: {error.strerror}", "Does it exist, and may you read it?")


def read_key_file(file: Path, *, fernet: bool) -> KeyFile:
    """Read a file of secrets; with `fernet` it must contain Fernet keys, one per line."""
    try:
        mode = stat.S_IMODE(file.stat().st_mode)
        text = file.read_text("utf-8").strip()
    except (OSError, ValueError) as error:
        return KeyFile(str(file), None, f"cannot be read ({getattr(error, 'strerror', None) or 'not text'})")
    return KeyFile(str(file), mode, _fault(text, fernet=fernet))


def keys_of_home(files: Sequence[Path]) -> list[KeyFile]:
    return [read_key_file(file, fernet=file.name in FERNET_KEYS) for file in files]


def keys_of_environment(env: Mapping[str, str]) -> list[KeyFile]:
    """Return the secrets that the environment sets, by variable or by file."""
    keys = []
    for name in SECRET_VARIABLES:
        is_fernet, file = name in FERNET_VARIABLES, env.get(f"{name}_FILE")
        if file and not env.get(name):
            keys.append(read_key_file(Path(file), fernet=is_fernet))
            continue
        try:
            text = optional(env, name)
        except SettingsError:
            text = None
        if text:
            keys.append(KeyFile(name, None, _fault(text, fernet=is_fernet)))
    return keys


def _fault(text: str, *, fernet: bool) -> str | None:
    if not text:
        return "is empty"
    if not fernet:
        return None
    try:
        for key in text.replace(",", " ").split():
            Fernet(key)
    except ValueError:
        return "contains text that is not a Fernet key"
    return None
