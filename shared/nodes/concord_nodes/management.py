"""RabbitMQ's management API over HTTP."""

import base64
import http.client
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from concord_nodes.errors import NodeError
from concord_nodes.tcp_ports import LOOPBACK


class Management:
    """Calls as the node's administrator; every call is bounded by `timeout` seconds."""

    def __init__(self, port: int, user: str, password: str, timeout: float = 10) -> None:
        self._port = port
        self._timeout = timeout
        token = base64.b64encode(f"{user}:{password}".encode()).decode()
        self._headers = {"Authorization": f"Basic {token}", "Content-Type": "application/json"}

    def call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """The decoded answer, None when it is empty. Raises NodeError for any status of 400 or more."""
        status, answer = self.ask(method, path, body)
        if status >= 400:
            raise NodeError(
                f"RabbitMQ answered {status} to {method} {path}: {answer[:300].decode(errors='replace')}",
                "See the node's log.",
            )
        return json.loads(answer) if answer else None

    def ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> tuple[int, bytes]:
        """Status and raw body. Raises OSError when the node cannot be reached in time."""
        connection = http.client.HTTPConnection(LOOPBACK, self._port, timeout=self._timeout)
        try:
            content = None if body is None else json.dumps(body)
            connection.request(method, path, content, self._headers)
            response = connection.getresponse()
            return response.status, response.read()
        except http.client.HTTPException as error:
            raise ConnectionError(str(error) or type(error).__name__) from error
        finally:
            connection.close()

    def create_vhost(self, name: str) -> None:
        """A virtual host (with all rights for the administrator, who creates it)."""
        self.call("PUT", f"/api/vhosts/{quote(name, safe='')}", {})

    def delete_vhost(self, name: str) -> None:
        self.call("DELETE", f"/api/vhosts/{quote(name, safe='')}")
