"""Short requests to the other services and to the broker's management API, over persistent connections."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from concord_bus.topology.declarations import LOG
from concord_http import HttpClient, InvalidResponseError, Limits, Response, ServerAddress
from concord_http.rabbitmq_management import management_address
from concord_http.tls import TlsFiles

LIMITS = Limits(connect_seconds=1.5, read_seconds=1.5, total_seconds=3.0, response_bytes=4_000_000)
HEADERS = {"User-Agent": "concord-ops"}


def service_client(url: str) -> HttpClient:
    return HttpClient(ServerAddress.parse(url), headers=HEADERS, limits=LIMITS)


def management_client(url: str, tls: TlsFiles) -> HttpClient:
    """Client of the management API; `url` holds a login with the tag `monitoring`."""
    return HttpClient(management_address(url, tls), headers=HEADERS, limits=LIMITS)


def checked(response: Response, path: str, *statuses: int) -> Response:
    """Return the response if its status is one of `statuses`. Raises InvalidResponseError, without the body."""
    if response.status not in statuses:
        raise InvalidResponseError(f"unexpected status {response.status} from {path.partition('?')[0]}")
    return response


def broker_responses(client: HttpClient, vhost: str) -> Mapping[str, Any]:
    """Return the arguments of `broker_status.broker_from_responses`. Raises HttpError."""
    totals = "disable_stats=true&enable_queue_totals=true"
    return {
        "nodes": _json(client, "/api/nodes?columns=name,running,mem_alarm,disk_free_alarm,partitions"),
        "queues": _json(client, f"/api/queues/{quote(vhost, safe='')}?{totals}"),
        "log": _length_of_log(client, vhost),
        "version": _json(client, "/api/overview?columns=rabbitmq_version").get("rabbitmq_version"),
    }


def _json(client: HttpClient, path: str) -> Any:
    return checked(client.get(path), path, 200).json()


def _length_of_log(client: HttpClient, vhost: str) -> int | None:
    """Return the number of messages in the stream; None without a stream.

    The number comes from the statistics, some seconds old: in RabbitMQ 3.10 the totals show 0 for streams.
    """
    path = f"/api/queues/{quote(vhost, safe='')}/{LOG}?columns=messages"
    response = checked(client.get(path), path, 200, 404)
    if response.status == 404:
        return None
    length: int | None = response.json().get("messages")
    return length
