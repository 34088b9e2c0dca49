"""Settings: the city's time zone, and errors that name the variable."""

import pytest

from concord_bus.settings import SettingsError
from concord_metrics.settings import Settings

ENV = {"CONCORD_BROKER_URL": "amqp://u:p@127.0.0.1:5672/v", "CONCORD_DATABASE_URL": "sqlite:////tmp/m.db"}


def test_defaults():
    settings = Settings.from_env(ENV)

    assert (str(settings.zone), settings.http.host, settings.http.port, settings.access.operator_token) == (
        "UTC",
        "127.0.0.1",
        8083,
        None,
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_the_zone_is_the_city_s_unless_given(tmp_path, encoding):
    (tmp_path / "city.toml").write_text('name = "Boston"\ntime_zone = "America/New_York"\n', encoding)
    env = {**ENV, "CONCORD_CITY": str(tmp_path)}

    assert str(Settings.from_env(env).zone) == "America/New_York"
    assert str(Settings.from_env({**env, "CONCORD_TIME_ZONE": "Europe/Paris"}).zone) == "Europe/Paris"


@pytest.mark.parametrize("name", ["Mars/Olympus", "../etc/passwd", "America"])
def test_an_unknown_zone_is_named(name):
    with pytest.raises(SettingsError, match="CONCORD_TIME_ZONE"):
        Settings.from_env({**ENV, "CONCORD_TIME_ZONE": name})


def test_a_folder_that_is_no_city_is_named(tmp_path):
    with pytest.raises(SettingsError, match="CONCORD_CITY"):
        Settings.from_env({**ENV, "CONCORD_CITY": str(tmp_path)})
