"""A service, subscribers, `concord tail` and `concord doctor` with TLS; a certificate near its end is a warning."""

import asyncio
import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from tests.certificates import Authority
from tests.integration.service_process import ServiceProcess, until
from tls_stage import PASSWORD, TlsBroker

from concord_client import AsyncSubscriber, Subscriber, Tls
from concord_nodes.tcp_ports import free_port

CITY = Path(__file__).parents[3] / "deploy" / "sample" / "boston" / "city"
CONCERN = {
    "category": "street_lighting",
    "description": "The lamp has been dark for a week.",
    "point": {"lon": -71.0779, "lat": 42.3493},
}
KEYS = ("KEYS_INTAKE", "KEYS_ROUTING", "KEYS_NOTIFICATION", "LINK_KEY", "RECEIPT_KEY")
QUEUE = "of-a-subscriber"


@pytest.fixture(scope="module")
def intake(tls_broker: TlsBroker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceProcess]:
    """Intake, which has taken one concern in."""
    folder = tmp_path_factory.mktemp("intake")
    env = {
        **tls_broker.environment,
        **{f"CONCORD_{name}": Fernet.generate_key().decode() for name in KEYS},
        "CONCORD_BROKER_URL": tls_broker.url("intake"),
        "CONCORD_DATABASE_URL": f"sqlite:///{folder}/intake.db",
        "CONCORD_CITY": str(CITY),
    }
    tls_broker.node.management.call("PUT", f"/api/queues/%2F/{QUEUE}", {"durable": True})
    arguments = {"routing_key": "#"}
    tls_broker.node.management.call("POST", f"/api/bindings/%2F/e/concord.events/q/{QUEUE}", arguments)
    with ServiceProcess("intake", folder, free_port(), env) as service:
        request = urllib.request.Request(
            f"{service.base}/v1/concerns", json.dumps(CONCERN).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=10) as taken:
            assert taken.status == 201
        yield service


def concord(broker: TlsBroker, *arguments: str) -> tuple[int, str]:
    """Exit code, and all that the command printed."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "concord_cli", *arguments],
        env={**os.environ, **broker.environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_readiness_has_a_warning_before_the_brokers_certificate_ends(
    intake: ServiceProcess, tls_broker: TlsBroker
) -> None:
    def warnings() -> list[str]:
        found: list[str] = intake.json("/readyz")["warnings"]
        return found

    [text] = until(warnings)
    assert text.startswith(f"the certificate of localhost:{tls_broker.port} ends in 9 days, on ")
    assert text in intake.log.read_text()


def test_tail_and_both_subscribers_see_the_concern(intake: ServiceProcess, tls_broker: TlsBroker) -> None:
    code, said = concord(tls_broker, "tail", "--broker", tls_broker.url(), "--since", "1h", "--count", "1", "--json")
    assert code == 0, said
    assert json.loads(said)["type"] == "concern.received.v1"
    tls = Tls(tls_broker.files.ca, tls_broker.files.certificate, tls_broker.files.key)
    options: dict[str, Any] = {"queue": QUEUE, "bind": False, "tls": tls, "dead_letter": lambda letter: None}

    async def first() -> str:
        async with AsyncSubscriber(tls_broker.url(), **options) as events:
            async for event in events:
                return event.type
        return "none"

    assert asyncio.run(asyncio.wait_for(first(), 20)) == "concern.received.v1"
    with Subscriber(tls_broker.url(), **options) as events:
        assert next(iter(events)).type == "concern.received.v1"


def test_doctor_examines_over_tls_and_warns(intake: ServiceProcess, tls_broker: TlsBroker) -> None:
    management = ("--management", tls_broker.management_url(), "--broker", tls_broker.url("intake"))
    code, said = concord(tls_broker, "doctor", *management, "--service", f"intake={intake.base}", "--json")
    findings = json.loads(said)["findings"]
    assert code in (0, 1), said
    logins = [finding for finding in findings if finding["about"] == "logins" and "logs in" in finding["what"]]
    assert logins, findings
    ends = {finding["what"] for finding in findings if finding["about"] == "certificates"}
    ports = (tls_broker.port, tls_broker.management_port)
    assert all(any(f"localhost:{port} ends in 9 days" in what for what in ends) for port in ports), ends


def test_topology_is_applied_over_tls(tls_broker: TlsBroker, tmp_path: Path) -> None:
    passwords = tmp_path / "passwords.json"
    passwords.write_text(json.dumps({"intake": PASSWORD}))
    arguments = ("topology", "apply", "--management", tls_broker.management_url(), "--passwords", str(passwords))
    code, said = concord(tls_broker, *arguments)
    assert (code, said.partition(".")[0]) == (0, "Applied to virtual host /"), said


def test_a_service_that_does_not_know_the_ca_is_not_ready_and_says_what_to_do(
    tls_broker: TlsBroker, tmp_path: Path
) -> None:
    stranger: Authority = tls_broker.stranger
    env = {
        **{f"CONCORD_{name}": Fernet.generate_key().decode() for name in KEYS},
        **tls_broker.environment,
        "CONCORD_BROKER_CA_FILE": stranger.ca,
        "CONCORD_BROKER_URL": tls_broker.url("metrics"),
        "CONCORD_DATABASE_URL": f"sqlite:///{tmp_path}/metrics.db",
        "CONCORD_CITY": str(CITY),
    }
    service = ServiceProcess("metrics", tmp_path, free_port(), env)
    try:
        words = "no CA that we trust issued the server's certificate: set CONCORD_BROKER_CA_FILE to its CA"
        until(lambda: words in service.log.read_text())
        reasons = until(lambda: json.loads(service.get("/readyz")[1])["reasons"])
        assert f"the consumer has no connection to the broker ({words})" in reasons
    finally:
        service.__exit__()
