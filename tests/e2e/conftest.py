"""These tests start RabbitMQ and all services."""

import os

import pytest

from concord_nodes import PartMissing
from concord_nodes.rabbitmq_config import find_script


@pytest.fixture(autouse=True, scope="session")
def _broker_installed() -> None:
    try:
        find_script("rabbitmq-server")
    except PartMissing as missing:
        if os.environ.get("CI"):
            pytest.fail(str(missing))
        pytest.skip(str(missing))
