"""`concord replay metrics`: what it refuses before anything is read."""

from pathlib import Path

import amqp
from click.testing import CliRunner, Result

from concord_bus.adapters.sql.migrate import upgrade
from concord_bus.settings import BrokerAddress
from concord_cli.commands import concord
from concord_cli.replay.commands import message

NOWHERE = "amqp://nobody:secret@127.0.0.1:1/"


def call(*arguments: str) -> Result:
    return CliRunner().invoke(concord, ["replay", "metrics", *arguments], prog_name="concord")


def test_there_must_be_a_broker_and_a_database(tmp_path: Path) -> None:
    assert call("--home", str(tmp_path)).exit_code == 2
    missing = call("--broker", NOWHERE, "--home", str(tmp_path))
    assert (missing.exit_code, "not the home folder of a local run" in missing.stderr) == (2, True)
    assert call("--from", "someday").exit_code == 2


def test_without_live_measures_there_is_nothing_to_replace(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/metrics.db"
    upgrade(url, "concord_metrics")

    refused = call("--broker", NOWHERE, "--database", url)
    assert (refused.exit_code, "start the service once" in refused.stderr) == (1, True)
    assert "secret" not in refused.output


def test_a_broker_that_is_away_is_named_with_the_remedy() -> None:
    broker = BrokerAddress.parse(NOWHERE)
    away = message(ConnectionRefusedError(111, "Connection refused"), broker)
    assert away == (
        "No connection to the broker at 127.0.0.1:1 (nothing listens at 127.0.0.1:1): start it, or correct --broker."
    )
    assert message(amqp.NotFound("NOT_FOUND - no queue 'concord.log'"), broker).startswith("NOT_FOUND")
