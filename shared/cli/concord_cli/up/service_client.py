"""Asking the services and the broker how things stand."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from concord_bus.topology import LOG
from concord_cli.up.routing_agreement import Decided
from concord_http import HttpClient, HttpError, Limits, ServerAddress
from concord_http.rabbitmq_management import ManagementError, RabbitManagement
from concord_nodes.tcp_ports import LOOPBACK

LIMITS = Limits(connect_seconds=10, read_seconds=10, total_seconds=60)


class NoAnswer(Exception):
    """A service does not answer now; the text says which and why."""


class Services:
    """Reads of the services on this machine with the operators' token."""

    def __init__(self, ports: Mapping[str, int], token: str) -> None:
        self._ports = ports
        self._token = token

    def ready(self, service: str) -> list[str]:
        """Reasons why it is not ready; none when it is."""
        try:
            status, body = self._ask(service, "/readyz")
        except NoAnswer:
            return ["it does not answer yet"]
        return [] if status == 200 else [str(each) for each in body.get("reasons", [f"it answers {status}"])]

    def ledger(self, service: str) -> dict[str, Any]:
        """Raises NoAnswer."""
        return self._get(service, "/v1/ledger")

    def decisions(self) -> Iterator[tuple[str, Decided]]:
        """What routing decided, by concern id. Raises NoAnswer."""
        path: str | None = "/v1/cases?limit=1000"
        while path:
            page = self._get("routing", path)
            for case in page["cases"]:
                yield case["concern_id"], Decided(case.get("area"), case.get("reason"))
            after = page.get("next")
            path = f"/v1/cases?limit=1000&after={quote(after)}" if after else None

    def _get(self, service: str, path: str) -> dict[str, Any]:
        status, body = self._ask(service, path)
        if status != 200:
            raise NoAnswer(f"{service} answers {status} to {path}: {body.get('detail', '')}")
        return body

    def _ask(self, service: str, path: str) -> tuple[int, dict[str, Any]]:
        server = ServerAddress("http", LOOPBACK, self._ports[service])
        try:
            with HttpClient(server, bearer=self._token, limits=LIMITS) as client:
                response = client.get(path)
            return response.status, response.json() or {}
        except HttpError as error:
            raise NoAnswer(f"no response from {service}: {error}") from error


def queued(management_url: str, vhost: str) -> int | None:
    """Messages in all queues but the log; None while the broker cannot be asked."""
    path = f"/api/queues/{quote(vhost, safe='')}?disable_stats=true&enable_queue_totals=true"
    try:
        queues = RabbitManagement(management_url).call("GET", path)
    except ManagementError:
        return None
    return sum(each.get("messages") or 0 for each in queues if each["name"] != LOG)
