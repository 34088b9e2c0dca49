"""Whom the ops page looks at."""

from pathlib import Path

import pytest

from concord_bus.settings import SettingsError
from concord_metrics.ops.settings import OpsSettings


def test_without_any_setting_only_metrics_itself_is_seen():
    found = OpsSettings.from_env({}, "/")
    assert (found.services, found.management, found.city) == ({}, None, None)


def test_services_the_broker_and_the_city():
    env = {
        "CONCORD_OPS_SERVICES": "intake=http://a:1/, routing-2=http://b:2",
        "CONCORD_MANAGEMENT_URL": "http://monitor:secret@broker:15672",
    }
    found = OpsSettings.from_env(env, "v", Path("/city"))

    assert found.services == {"intake": "http://a:1", "routing-2": "http://b:2"}
    assert (found.vhost, found.city) == ("v", Path("/city"))
    assert "secret" not in repr(found)


@pytest.mark.parametrize(
    "text", ["intake", "intake=ftp://a", "Intake=http://a", "a=http://b,a=http://c", "a=http://", "a=http://b:x"]
)
def test_what_cannot_be_asked_is_named(text):
    with pytest.raises(SettingsError, match="CONCORD_OPS_SERVICES"):
        OpsSettings.from_env({"CONCORD_OPS_SERVICES": text}, "/")


def test_so_is_a_management_api_that_is_none():
    with pytest.raises(SettingsError, match="CONCORD_MANAGEMENT_URL"):
        OpsSettings.from_env({"CONCORD_MANAGEMENT_URL": "amqp://broker"}, "/")
