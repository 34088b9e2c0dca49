"""Where a subscriber connects, from the address of the management API."""

from pathlib import Path

import pytest

from concord_cli.common.errors import UsageError
from concord_cli.subscriber.target import target_of

LISTENERS = [{"protocol": "amqp", "port": 5673}]


@pytest.mark.parametrize(
    ("management", "host"),
    [("http://admin:p%40ss@[::1]:15672/rabbit", "[::1]"), ("http://admin:p%40ss@broker", "broker")],
)
def test_the_urls_host_is_the_management_apis(management: str, host: str) -> None:
    target = target_of(management, "/", None, Path())
    assert target.url_for("parks", "a/b", LISTENERS) == f"amqp://parks:a%2Fb@{host}:5673/%2F"
    address = target.operator(LISTENERS)
    assert (address.host, address.port, address.user, address.password) == (host.strip("[]"), 5673, "admin", "p@ss")


@pytest.mark.parametrize("management", ["amqp://broker", "http://", "http://broker:port"])
def test_what_is_no_management_url_is_refused(management: str) -> None:
    with pytest.raises(UsageError, match="--management must look like"):
        target_of(management, "/", None, Path())
