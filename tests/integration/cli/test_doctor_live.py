"""`concord doctor` on a live broker and database: well, then with something taken away, then mended as it says."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pika
from bus_broker import channel
from bus_stage import Ledger, Stage
from bus_waiting import eventually

from concord_bus.adapters.sql.migrate import upgrade
from concord_bus.topology.declarations import DEADLY, LOG, SERVICES, WEBHOOKS

Found = list[tuple[str, str]]


def management(stage: Stage) -> str:
    return stage.node.management_url.replace("http://", f"http://{stage.node.user}:{stage.node.password}@")


def concord(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "ignore", "-m", "concord_cli", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=90, check=False)


def doctor(stage: Stage, *arguments: str) -> tuple[int, Found]:
    """Exit code and what is not well, with its remedy; disks and spare parts of this machine left out."""
    done = concord("doctor", "--management", management(stage), "--vhost", stage.vhost, "--json", *arguments)
    assert not done.stderr, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    bad = [each for each in answer["findings"] if each["level"] != "ok" and each["about"] not in ("disk", "services")]
    assert done.returncode == (1 if answer["problems"] else 0)
    return done.returncode, [(each["what"], each["remedy"]) for each in bad]


@contextmanager
def all_read(stage: Stage) -> Iterator[None]:
    """Somebody reads every queue of every service."""
    with channel(stage.url) as open_channel:
        for service in SERVICES.values():
            for queue in (*(each.name for each in service.queues), service.dead):
                open_channel.basic_consume(queue, lambda *_: None)
        yield


def consumers(stage: Stage) -> list[int]:
    """Of each queue of a service, as the management API has counted them: it does so every few seconds."""
    queues: list[dict[str, Any]] = stage.node.management.call("GET", f"/api/queues/{quote(stage.vhost, safe='')}")
    return [each.get("consumers", -1) for each in queues if each["name"] not in (LOG, DEADLY)]


def database(folder: Path) -> str:
    url = f"sqlite:///{folder}/metrics.db"
    upgrade(url, "concord_metrics")
    return url


def test_a_deleted_binding_is_found_and_the_remedy_mends_it(stage: Stage, tmp_path: Path) -> None:
    logins = [part for service in SERVICES for part in ("--broker", stage.login(service))]
    named = [*logins, "--database", f"metrics={database(tmp_path)}"]
    with all_read(stage):
        eventually(lambda: consumers(stage), lambda found: min(found) > 0, 60)
        assert doctor(stage, *named) == (0, [])
        with channel(stage.login("notification")) as binder:
            binder.queue_bind(WEBHOOKS.name, WEBHOOKS.exchange, f"{WEBHOOKS.at_will[0]}.#")
        assert doctor(stage, *named) == (0, [])
        with channel(stage.url) as open_channel:
            open_channel.queue_unbind("routing.submitted", "concord.private", "concern.submitted.v1.#")
        code, ((what, remedy),) = doctor(stage, *named)
        assert code == 1
        assert what.startswith("the binding concord.private → routing.submitted (concern.submitted.v1.#) is missing")
        assert remedy == "Run `concord topology apply`."
        applied = concord("topology", "apply", "--management", management(stage), "--vhost", stage.vhost)
        assert applied.returncode == 0, applied.stderr
        assert doctor(stage, *named) == (0, [])


def test_queues_policies_permissions_and_a_database_that_are_not_as_they_should_be(
    stage: Stage, tmp_path: Path
) -> None:
    api, vhost = stage.node.management, quote(stage.vhost, safe="")
    url = database(tmp_path)
    Ledger(url).run("UPDATE alembic_version_spine SET version_num = '0001'")
    api.call("DELETE", f"/api/queues/{vhost}/metrics.dead")
    api.call("DELETE", f"/api/policies/{vhost}/concord-log")
    eventually(lambda: consumers(stage), lambda found: min(found) == 0, 60)
    wide = {"configure": ".*", "write": ".*", "read": ".*"}
    api.call("PUT", f"/api/permissions/{vhost}/intake", wide)
    code, found = doctor(stage, "--database", f"metrics={url}", "--broker", stage.login("intake")[:-4] + "none")
    assert code == 1
    said = "\n".join(f"{what} {remedy}" for what, remedy in found)
    for part in (
        "the queue metrics.dead is missing",
        "the binding concord.dead → metrics.dead (metrics) is missing",
        "the policy concord-log is missing",
        "the login intake has other permissions than declared to configure, write, read Set CONCORD_INTAKE_PASSWORD",
        "routing.submitted has no consumer and 0 messages Start routing",
        "intake at 127.0.0.1",
    ):
        assert part in said, said
    assert "the schema of spine is at 0001" in said


def test_the_service_of_a_login_that_is_wrong(stage: Stage) -> None:
    parameters = pika.URLParameters(stage.login("intake"))
    wrong = stage.node.amqp_url("intake", "wrong", stage.vhost)
    _, found = doctor(stage, "--broker", wrong)
    assert any(what.startswith(f"the broker refuses the password of intake at {parameters.host}") for what, _ in found)
