"""The keys of the vault, from the environment."""

from collections.abc import Mapping

from cryptography.fernet import MultiFernet

from concord_bus.settings import SettingsError
from concord_contracts.encryption import read_keys
from concord_contracts.errors import KeysMissing

VAULT_KEYS = "CONCORD_VAULT_KEYS"


def vault_keys(env: Mapping[str, str]) -> MultiFernet:
    """Return the vault's keys, newest first. Raises SettingsError."""
    try:
        keys = read_keys(env, VAULT_KEYS)
    except KeysMissing as error:
        raise SettingsError(str(error)) from error
    if keys is None:
        raise SettingsError("set CONCORD_VAULT_KEYS or CONCORD_VAULT_KEYS_FILE: they encrypt contacts")
    return keys
