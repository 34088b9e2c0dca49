"""Settings: errors that name the variable and what to do, and nothing secret in their text."""

import shutil
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from concord_bus.settings import SettingsError
from concord_routing.settings import Settings

BOSTON = Path(__file__).parents[3] / "deploy" / "sample" / "boston" / "city"
ENV = {
    "CONCORD_BROKER_URL": "amqp://u:p@127.0.0.1:5672/v",
    "CONCORD_DATABASE_URL": "sqlite:////var/lib/concord/routing.db",
    **{f"CONCORD_KEYS_{each}": Fernet.generate_key().decode() for each in ("ROUTING", "NOTIFICATION", "INTAKE")},
    "CONCORD_CITY": str(BOSTON),
}


def test_defaults():
    settings = Settings.from_env(ENV)

    assert (settings.city.live.value.city.name, settings.http.host, settings.http.port) == ("Boston", "127.0.0.1", 8081)


def test_the_token_is_not_printed():
    assert "hush" not in repr(Settings.from_env({**ENV, "CONCORD_OPS_TOKEN": "hush"}))


@pytest.mark.parametrize("name", list(ENV))
def test_what_is_missing_is_named(name):
    with pytest.raises(SettingsError, match=name):
        Settings.from_env({**ENV, name: ""})


def test_a_folder_that_is_no_city_says_how_to_look_closer(tmp_path):
    with pytest.raises(SettingsError, match=r"city\.toml: error: the file is missing.*concord city check"):
        Settings.from_env({**ENV, "CONCORD_CITY": str(tmp_path)})


def test_errors_are_named_before_mere_warnings(tmp_path):
    folder = shutil.copytree(BOSTON.parents[1] / "vancouver" / "city", tmp_path / "city")
    (folder / "teams.toml").unlink()
    with pytest.raises(SettingsError, match=r"teams\.toml: error") as raised:
        Settings.from_env({**ENV, "CONCORD_CITY": str(folder)})
    assert "warning" not in str(raised.value)
