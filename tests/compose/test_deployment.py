"""`docker compose up`: healthy, a concern gets through to a metric, and nobody in it has more rights than needed."""

import base64
import json
import subprocess
from typing import Any

import pytest

from .deployment import SERVICES, Deployment, eventually

CONCERN = {
    "category": "noise",
    "description": "Example: loud music every night at the corner.",
    "point": {"lon": -71.0627, "lat": 42.3389},
    "contact": {"email": "reporter@example.org", "language": "en"},
}


def post(deployment: Deployment) -> str:
    status, answer = deployment.call("intake", "/v1/concerns", CONCERN)
    assert status == 201, answer
    concern_id: str = answer["id"]
    return concern_id


def totals(deployment: Deployment) -> Any:
    status, answer = deployment.call("metrics", "/v1/summary")
    assert status == 200
    return answer["totals"]


def prometheus(deployment: Deployment, query: str) -> float:
    """The sum of what Prometheus has for a query."""
    status, answer = deployment.call("prometheus", f"/api/v1/query?query={query}")
    assert status == 200
    return sum(float(each["value"][1]) for each in answer["data"]["result"])


def test_everything_is_up_and_healthy(deployment: Deployment) -> None:
    containers = deployment.containers()
    topology = containers.pop("topology")["State"]
    assert (topology["Status"], topology["ExitCode"]) == ("exited", 0)
    also = {deployment.profiles} - {""}
    assert set(containers) == {*SERVICES, "rabbitmq", "postgres", "mail", "prometheus", *also}
    assert {name: each["State"]["Health"]["Status"] for name, each in containers.items()} == dict.fromkeys(
        containers, "healthy"
    )


def test_a_concern_gets_through_to_a_metric(deployment: Deployment) -> None:
    before = totals(deployment)
    post(deployment)

    def arrived(now: Any) -> bool:
        return all(now[name] == before[name] + 1 for name in ("received", "routed", "notified"))

    eventually(lambda: totals(deployment), arrived)
    for measure in ("concord_concerns_received_total", "concord_concerns_routed_total"):
        eventually(lambda measure=measure: prometheus(deployment, measure), lambda value: value >= 1)  # type: ignore[misc]
    assert deployment.call("mail", "/count")[1]["count"] >= 1


def test_prometheus_reaches_all_and_understands_its_alerts(deployment: Deployment) -> None:
    eventually(lambda: prometheus(deployment, "up"), lambda up: up == len(SERVICES) + 1)
    rules = deployment.call("prometheus", "/api/v1/rules")[1]["data"]["groups"]
    assert {rule["health"] for group in rules for rule in group["rules"]} <= {"ok", "unknown"}
    assert "PrivateMessageWithoutQueue" in {rule["name"] for group in rules for rule in group["rules"]}
    eventually(lambda: prometheus(deployment, "rabbitmq_queue_consumers"), lambda consumers: consumers >= 5)


def test_grafana_has_its_dashboards_for_those_who_know_the_password(deployment: Deployment) -> None:
    if not deployment.profiles:
        pytest.skip("no image of Grafana can be had here")
    assert deployment.call("grafana", "/api/search")[0] == 401
    login = base64.b64encode(f"concord:{deployment.secret('grafana-admin-password')}".encode()).decode()
    headers = {"Authorization": f"Basic {login}"}
    status, found = deployment.call("grafana", "/api/search?type=dash-db", headers=headers)
    assert status == 200
    assert {each["uid"] for each in found} == {"concord-platform", "concord-city"}
    status, source = deployment.call("grafana", "/api/datasources/uid/concord-prometheus/health", headers=headers)
    assert (status, source["status"]) == (200, "OK")


@pytest.mark.parametrize("service", [*SERVICES, "mail", "rabbitmq", "postgres", "prometheus", "grafana"])
def test_nobody_runs_as_root(deployment: Deployment, service: str) -> None:
    if service == "grafana" and not deployment.profiles:
        pytest.skip("no image of Grafana can be had here")
    status = deployment.inside(service, "cat", "/proc/1/status")
    (uids,) = [line.split()[1:] for line in status.splitlines() if line.startswith("Uid:")]
    assert "0" not in uids


def test_containers_have_no_more_than_they_need(deployment: Deployment) -> None:
    for name, container in deployment.containers().items():
        host = container["HostConfig"]
        assert host["ReadonlyRootfs"], name
        assert host["CapDrop"] == ["ALL"], name
        assert name == "postgres" or not host["CapAdd"], name
        assert host["Memory"] > 0, name
        assert not host["Privileged"], name
        assert any("no-new-privileges" in each for each in host["SecurityOpt"]), name


def test_ports_listen_on_this_machine_only(deployment: Deployment) -> None:
    for name, container in deployment.containers().items():
        for bindings in (container["HostConfig"]["PortBindings"] or {}).values():
            assert [each["HostIp"] for each in bindings] == ["127.0.0.1"], name


def test_no_secret_is_in_an_environment(deployment: Deployment) -> None:
    """What is there can be read with `docker inspect` and leaks into crash reports."""
    names = [file.name for file in deployment.secrets.iterdir()]
    assert "intake-broker-password" in names
    secrets = [deployment.secret(name) for name in names]
    for service, container in deployment.containers().items():
        shown = " ".join([*container["Config"]["Env"], *(container["Config"]["Cmd"] or [])])
        assert not [name for name, secret in zip(names, secrets, strict=True) if secret in shown], service


def test_a_service_is_given_its_own_secrets_only(deployment: Deployment) -> None:
    given = {service: set(deployment.inside(service, "ls", "/run/secrets").split()) for service in SERVICES}
    own = {"broker-url", "database-url", "ops-token"}
    assert given == {
        "intake": own | {"routing-keys", "notification-keys", "intake-keys", "receipt-key", "link-key"},
        "routing": own | {"routing-keys", "notification-keys", "intake-keys", "access-key"},
        "notification": own | {"notification-keys", "vault-keys", "link-key"},
        "metrics": own,
    }


@pytest.mark.parametrize("service", SERVICES)
def test_an_image_holds_one_service(deployment: Deployment, service: str) -> None:
    ask = "import importlib.util as u; print(*(n for n in %r if u.find_spec('concord_' + n)))" % (SERVICES,)  # noqa: UP031
    assert deployment.inside(service, "python", "-c", ask) == service


@pytest.mark.parametrize("service", SERVICES)
def test_an_image_checks_itself_and_names_a_plain_user(deployment: Deployment, service: str) -> None:
    """Also without docker-compose.yml."""

    image = deployment.containers()[service]["Image"]
    done = subprocess.run(["docker", "image", "inspect", image], capture_output=True, text=True, check=True, timeout=60)
    config = json.loads(done.stdout)[0]["Config"]
    assert config["User"] == "10001:10001"
    assert "/healthz" in " ".join(config["Healthcheck"]["Test"])
    deployment.inside(service, *config["Healthcheck"]["Test"][1:])


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_reaches_no_database_but_its_own(deployment: Deployment, service: str) -> None:
    other = next(each for each in SERVICES if each != service)
    ask = (
        "import psycopg2, pathlib; url = pathlib.Path('/run/secrets/database-url').read_text().strip()"
        ".replace('+psycopg2', ''); own, _, _ = url.rpartition('/'); psycopg2.connect(url).close()\n"
        f"try: psycopg2.connect(own + '/{other}')\n"
        "except psycopg2.OperationalError as error: print(error)"
    )
    assert "permission denied for database" in deployment.inside(service, "python", "-c", ask)


def test_the_ledger_is_for_operators(deployment: Deployment) -> None:
    token = {"Authorization": f"Bearer {deployment.secret('ops-token')}"}
    for service in SERVICES:
        assert deployment.call(service, "/v1/ledger")[0] == 401
        status, ledger = deployment.call(service, "/v1/ledger", headers=token)
        assert status == 200, ledger
        assert ledger["parked"] == 0


def test_with_the_broker_killed_intake_takes_in_and_nothing_is_lost(deployment: Deployment) -> None:
    """Last, because it disturbs the others."""
    before = totals(deployment)["received"]
    assert deployment.run("kill", "rabbitmq").returncode == 0
    try:
        post(deployment)
        eventually(lambda: deployment.call("intake", "/readyz")[0], lambda status: status == 503)
    finally:
        deployment.up()
    eventually(lambda: totals(deployment)["received"], lambda received: received == before + 1)
