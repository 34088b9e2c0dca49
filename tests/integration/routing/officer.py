"""An officer who works cases of a running routing service over HTTP."""

import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any

from service_process import OPS_TOKEN, ServiceProcess


@dataclass(frozen=True)
class Reply:
    """Status, headers (of any spelling) and the body, which is JSON always."""

    status: int
    headers: Any
    body: Any


class Officer:
    """`token` may be another than the right one, or None."""

    def __init__(self, routing: ServiceProcess, token: str | None = OPS_TOKEN) -> None:
        self._base = f"{routing.base}/v1/cases"
        self._token = token

    def look(self, case_id: str) -> Reply:
        return self._send("GET", case_id, None, {})

    def order(
        self, case_id: str, command: str, body: Any = None, etag: str | None = None, key: str | None = None
    ) -> Reply:
        """`body` is sent as JSON, or as it is when it is bytes."""
        raw = body if isinstance(body, bytes) else json.dumps(body or {}).encode()
        headers = {"If-Match": etag, "Idempotency-Key": key, "Content-Type": "application/json"}
        return self._send("POST", f"{case_id}/{command}", raw, {k: v for k, v in headers.items() if v is not None})

    def _send(self, method: str, path: str, raw: bytes | None, headers: dict[str, str]) -> Reply:
        given = headers | ({"Authorization": f"Bearer {self._token}"} if self._token else {})
        request = urllib.request.Request(f"{self._base}/{path}", raw, given, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as got:
                return Reply(got.status, got.headers, json.load(got))
        except urllib.error.HTTPError as refused:
            return Reply(refused.code, refused.headers, json.load(refused))
