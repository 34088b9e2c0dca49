"""Lets these tests share the events of the unit tests and the service process; keys and receivers of webhooks."""

import sys
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

sys.path.insert(0, str(Path(__file__).parents[2] / "unit" / "notification"))
sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parent))

from webhook_receiver import Authority, Receiver

from concord_contracts import Codec, Keyrings


@pytest.fixture
def keys():
    return {
        "CONCORD_KEYS_NOTIFICATION": Fernet.generate_key().decode(),
        "CONCORD_VAULT_KEYS": Fernet.generate_key().decode(),
        "CONCORD_LINK_KEY": "k" * 32,
    }


@pytest.fixture
def codec(keys):
    return Codec(Keyrings.from_env(keys))


@pytest.fixture
def authority(tmp_path):
    return Authority(tmp_path)


@pytest.fixture
def receiver(authority):
    with Receiver(authority.server_context("localhost")) as started:
        yield started
