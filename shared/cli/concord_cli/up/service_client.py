"""Client of the local services and of the broker's management API."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from concord_bus.topology.declarations import LOG
from concord_cli.common.broker_target import broker_tls
from concord_cli.up.routing_agreement import Decision
from concord_http import HttpClient, HttpError, Limits, ServerAddress
from concord_http.rabbitmq_management import ManagementError, RabbitManagement
from concord_nodes.tcp_ports import LOOPBACK

LIMITS = Limits(connect_seconds=10, read_seconds=10, total_seconds=60)


class ServiceUnavailable(Exception):
    """No usable response from a service; the text names the service and the reason."""


class Services:
    """The services on this machine, with the operators' token."""

    def __init__(self, ports: Mapping[str, int], token: str) -> None:
        self._ports = ports
        self._token = token

    def reasons_not_ready(self, service: str) -> list[str]:
        """Return the reasons of /readyz; empty for a ready service."""
        try:
            status, body = self._get(service, "/readyz")
        except ServiceUnavailable:
            return ["no response yet"]
        return [] if status == 200 else [str(reason) for reason in body.get("reasons", [f"status {status}"])]

    def ledger(self, service: str) -> dict[str, Any]:
        """Return the counts of a service. Raises ServiceUnavailable."""
        return self._get_ok(service, "/v1/ledger")

    def decisions(self) -> Iterator[tuple[str, Decision]]:
        """Yield concern ids with routing's decisions. Raises ServiceUnavailable."""
        path: str | None = "/v1/cases?limit=1000"
        while path:
            page = self._get_ok("routing", path)
            for case in page["cases"]:
                yield case["concern_id"], Decision(case.get("area"), case.get("reason"))
            after = page.get("next")
            path = f"/v1/cases?limit=1000&after={quote(after)}" if after else None

    def _get_ok(self, service: str, path: str) -> dict[str, Any]:
        status, body = self._get(service, path)
        if status != 200:
            raise ServiceUnavailable(f"{service} answers {status} to {path}: {body.get('detail', '')}")
        return body

    def _get(self, service: str, path: str) -> tuple[int, dict[str, Any]]:
        server = ServerAddress("http", LOOPBACK, self._ports[service])
        try:
            with HttpClient(server, bearer=self._token, limits=LIMITS) as client:
                response = client.get(path)
            return response.status, response.json() or {}
        except HttpError as error:
            raise ServiceUnavailable(f"no response from {service}: {error}") from error


def queued(management_url: str, vhost: str) -> int | None:
    """Count the messages in all queues except the stream of events; None without a response from the broker."""
    path = f"/api/queues/{quote(vhost, safe='')}?disable_stats=true&enable_queue_totals=true"
    try:
        queues = RabbitManagement(management_url, tls=broker_tls()).call("GET", path)
    except ManagementError:
        return None
    return sum(queue.get("messages") or 0 for queue in queues if queue["name"] != LOG)
