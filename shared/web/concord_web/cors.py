"""Cross-origin requests (CORS, in the Fetch standard): which pages of other sites may use the routes for residents.

No response allows credentials: the API uses no cookies, and a receipt travels in a header of its own. So a foreign page
can do what any program can, and nothing in the name of a visitor.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from urllib.parse import urlsplit

from concord_contracts.mail_address import ascii_domain
from concord_web.request_head import Head
from concord_web.response import Response
from concord_web.router import Route, allowed

DEFAULT_PORTS = {"http": 80, "https": 443}
REQUEST_HEADERS = "Accept-Language, Concord-Receipt, Content-Type, Idempotency-Key"
RESPONSE_HEADERS = "Content-Language, Location, Retry-After"
PREFLIGHT_SECONDS = 600
"""The time for which a browser keeps the response to its preflight request."""
_PREFLIGHT_VARY = "Origin, Access-Control-Request-Method, Access-Control-Request-Headers"


def read_origin(text: str) -> str:
    """Return an origin as browsers send it: scheme, host in lower case and ASCII, port unless it is the usual one.

    Raises ValueError for any other text, such as "*", "null" or a URL with a path.
    """
    parts = urlsplit(text)
    host, port = ascii_domain(parts.hostname or "").lower(), parts.port
    if parts.scheme not in DEFAULT_PORTS or not host or "*" in host or port == 0:
        raise ValueError("must look like https://www.city.example.org")
    if parts.path or parts.query or parts.fragment or parts.username is not None or text[-1] in "?#":
        raise ValueError("must have no path, and no slash at its end")
    host = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{host}" + ("" if port in (None, DEFAULT_PORTS[parts.scheme]) else f":{port}")


class CrossOrigin:
    """Adds the headers of CORS to responses, for pages of `origins`."""

    def __init__(self, origins: Collection[str]) -> None:
        self._origins = {origin: origin for origin in origins}

    def add_headers(self, head: Head, routes: Mapping[str, Route], response: Response) -> None:
        """Add the headers to the response. `routes` are those of the request's path, by method."""
        methods = [method for method, route in routes.items() if route.cross_origin]
        if not methods:
            return
        asked = head.headers.get("access-control-request-method")
        is_preflight = head.method == "OPTIONS" and asked is not None
        response.headers["Vary"] = _PREFLIGHT_VARY if is_preflight else "Origin"
        origin = self._origins.get(head.headers.get("origin", ""))
        if origin is None or not (is_preflight or _is_open(head.method, methods)):
            return
        response.headers["Access-Control-Allow-Origin"] = origin
        if is_preflight:
            response.headers["Access-Control-Allow-Methods"] = allowed(methods)
            response.headers["Access-Control-Allow-Headers"] = REQUEST_HEADERS
            response.headers["Access-Control-Max-Age"] = str(PREFLIGHT_SECONDS)
        else:
            response.headers["Access-Control-Expose-Headers"] = RESPONSE_HEADERS


def _is_open(method: str, methods: Collection[str]) -> bool:
    return ("GET" if method == "HEAD" else method) in methods
