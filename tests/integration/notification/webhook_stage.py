"""Notification as its own login with receivers of webhooks, and what operators ask of it."""

import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from service_process import OPS_TOKEN, ServiceProcess, prepare

from concord_bus.topology.definitions import definitions
from concord_nodes import RabbitNode
from concord_nodes.tcp_ports import choose_port

CITY = Path(__file__).parents[3] / "deploy" / "sample" / "boston" / "city"
ROUTED = "concern.routed.v1"


@dataclass(frozen=True, slots=True)
class Own:
    """A virtual host on a node that a test may stop and freeze."""

    node: RabbitNode
    name: str

    @property
    def amqp_url(self):
        return self.node.amqp_url(vhost=self.name)


def settings(vhost, database, keys, authority, smtp_url="smtp://127.0.0.1:9"):
    """As notification's own login; without `smtp_url` the mail server is away."""
    prepare(vhost)
    node = vhost.node
    node.management.import_definitions(definitions({"notification": "its-password"}, vhost.name))
    return {
        "CONCORD_BROKER_URL": node.amqp_url("notification", "its-password", vhost.name),
        "CONCORD_DATABASE_URL": database,
        "CONCORD_CITY": str(CITY),
        "CONCORD_SMTP_URL": smtp_url,
        "CONCORD_MAIL_FROM": "Boston <concord@example.org>",
        "CONCORD_WEBHOOK_INTERNAL_HOSTS": "localhost",
        "CONCORD_WEBHOOK_CA_FILE": str(authority.ca_file),
        **keys,
    }


def serve(tmp_path, env):
    return ServiceProcess("notification", tmp_path, choose_port(0, 0, "HTTP"), env)


def call(service, method, path, body=None):
    """Status and JSON."""
    request = urllib.request.Request(
        service.base + path,
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {OPS_TOKEN}", "Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as got:
            return got.status, json.loads(got.read() or b"null")
    except urllib.error.HTTPError as refused:
        return refused.code, json.loads(refused.read())


def add(service, name, url, **wish):
    status, made = call(service, "POST", "/v1/webhooks", {"name": name, "url": url, "types": [ROUTED], **wish})
    assert status == 201, made
    return made
