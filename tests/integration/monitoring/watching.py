"""Metrics on a private broker, watched by a private Prometheus."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml
from deployed import PROMETHEUS
from service_process import ServiceProcess, prepare

from concord_nodes import PrometheusNode, RabbitNode
from concord_nodes.tcp_ports import LOOPBACK, free_port

QUICK = {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"}
SHORT = "3s"
"""For how long an alert is pending here."""


@dataclass(frozen=True, slots=True)
class Vhost:
    node: RabbitNode
    name: str


@dataclass(frozen=True, slots=True)
class Watched:
    vhost: Vhost
    service: ServiceProcess
    database: str
    prometheus: PrometheusNode

    @property
    def amqp_url(self) -> str:
        return self.vhost.node.amqp_url(vhost=self.vhost.name)

    def states(self, alert: str) -> set[str]:
        """`pending`, `firing` or nothing, now."""
        return {each["metric"]["alertstate"] for each in self.prometheus.query(f'ALERTS{{alertname="{alert}"}}')}


@contextmanager
def watched(node: RabbitNode, folder: Path) -> Iterator[Watched]:
    folder.mkdir(mode=0o711)
    vhost = Vhost(node, f"watched-{secrets.token_hex(6)}")
    node.management.create_vhost(vhost.name)
    prepare(vhost)
    database, port = f"sqlite:///{folder / 'metrics.db'}", free_port()
    env = {
        "CONCORD_BROKER_URL": node.amqp_url(vhost=vhost.name),
        "CONCORD_DATABASE_URL": database,
        "CONCORD_TIME_ZONE": "America/New_York",
    }
    config = quick(folder, {"metrics": port}, urlsplit(node.metrics_url).netloc)
    prometheus = PrometheusNode(folder / "prometheus", config)
    try:
        with ServiceProcess("metrics", folder, port, env) as service:
            prometheus.start()
            yield Watched(vhost, service, database, prometheus)
    finally:
        prometheus.discard()
        node.management.delete_vhost(vhost.name)


def quick(folder: Path, services: dict[str, int], broker: str) -> Path:
    """A copy of the configuration as deployed, in a hurry and with other targets; gives its file."""
    config = yaml.safe_load((PROMETHEUS / "prometheus.yml").read_text())
    config["global"] = QUICK
    jobs = {job["job_name"]: job for job in config["scrape_configs"]}
    ours = [each for each in jobs["concord"]["static_configs"] if each["labels"]["service"] in services]
    for each in ours:
        each["targets"] = [f"{LOOPBACK}:{services[each['labels']['service']]}"]
    jobs["concord"]["static_configs"] = ours
    jobs["rabbitmq"]["static_configs"] = [{"targets": [broker]}]
    queues = {**jobs["rabbitmq"], "job_name": "queues", "metrics_path": "/metrics/per-object"}
    config["scrape_configs"].append(queues)  # the private node is not set to show each queue with the rest
    (folder / "rules").mkdir()
    for file in (PROMETHEUS / "rules").glob("*.yml"):
        (folder / "rules" / file.name).write_text(yaml.safe_dump(hurried(yaml.safe_load(file.read_text()))))
    made = folder / "prometheus.yml"
    made.write_text(yaml.safe_dump(config))
    return made


def hurried(rules: Any) -> Any:
    for rule in (rule for group in rules["groups"] for rule in group["rules"]):
        if "for" in rule:
            rule["for"] = SHORT
    return rules
