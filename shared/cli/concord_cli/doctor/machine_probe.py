"""Looking at this machine: disks and key files."""

import shutil
import stat
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from cryptography.fernet import Fernet

from concord_bus.settings import SettingsError, optional
from concord_cli.common.home_folder import FERNET_KEYS
from concord_cli.doctor.findings import Finding, problem
from concord_cli.doctor.machine_rules import KeyFile, judge_disk
from concord_contracts.encryption import RECIPIENTS, variable

VARIABLES = (*(variable(each) for each in RECIPIENTS), "CONCORD_VAULT_KEYS")
SECRET_VARIABLES = (*VARIABLES, "CONCORD_RECEIPT_KEY", "CONCORD_OPS_TOKEN")


def examine_disks(folders: Sequence[Path]) -> Iterator[Finding]:
    for folder in folders:
        try:
            yield judge_disk(str(folder), shutil.disk_usage(folder).free)
        except OSError as error:
            yield problem("disk", f"{folder} cannot be looked at: {error.strerror}", "Is it there and yours to read?")


def read_key_file(file: Path, *, fernet: bool) -> KeyFile:
    """A file of secrets as it lies there; with `fernet` it must hold Fernet keys, one a line."""
    try:
        mode = stat.S_IMODE(file.stat().st_mode)
        text = file.read_text("utf-8").strip()
    except (OSError, ValueError) as error:
        return KeyFile(str(file), None, f"cannot be read ({getattr(error, 'strerror', None) or 'no text'})")
    return KeyFile(str(file), mode, _trouble(text, fernet=fernet))


def keys_of_home(files: Sequence[Path]) -> list[KeyFile]:
    return [read_key_file(file, fernet=file.name in FERNET_KEYS) for file in files]


def keys_of_environment(env: Mapping[str, str]) -> list[KeyFile]:
    """Those secrets that the environment names, by variable or by file."""
    found = []
    for name in SECRET_VARIABLES:
        file = env.get(f"{name}_FILE")
        if file and not env.get(name):
            found.append(read_key_file(Path(file), fernet=name in VARIABLES))
            continue
        try:
            text = optional(env, name)
        except SettingsError:
            text = None
        if text:
            found.append(KeyFile(name, None, _trouble(text, fernet=name in VARIABLES)))
    return found


def _trouble(text: str, *, fernet: bool) -> str | None:
    if not text:
        return "is empty"
    if not fernet:
        return None
    try:
        for each in text.replace(",", " ").split():
            Fernet(each)
    except ValueError:
        return "holds something that is no Fernet key"
    return None
