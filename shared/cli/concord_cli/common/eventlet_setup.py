"""Setup of eventlet in a service's process: monkey patching, little memory, DNS look-ups in threads.

eventlet resolves names with dnspython, which takes 10 to 20 MB and does not read /etc/nsswitch.conf. The system's own
resolver follows the administrator's settings, but it blocks, so it runs in a thread.
"""

import os
import socket
import sys
import warnings
from collections.abc import Callable, Mapping
from typing import Any

RESOLVE_SECONDS = 5.0
THREADS = "2"

Resolve = Callable[..., Any]


def patch_eventlet() -> None:
    """Patch the standard library. Call it before other imports, because they would keep blocking functions."""
    # structlog loads rich (4 MiB) to draw errors on a terminal; a service writes JSON lines
    sys.modules["rich"] = None  # type: ignore[assignment]
    warnings.filterwarnings("ignore", message=r"\s*Eventlet is deprecated")
    os.environ.setdefault("EVENTLET_NO_GREENDNS", "yes")
    os.environ.setdefault("EVENTLET_THREADPOOL_SIZE", THREADS)
    import eventlet
    from eventlet.green import socket as green_socket

    eventlet.monkey_patch(all=True, psycopg=not on_sqlite(os.environ))
    socket.getaddrinfo = green_socket.getaddrinfo = in_a_thread(socket.getaddrinfo)


def on_sqlite(env: Mapping[str, str]) -> bool:
    """Return whether the service uses SQLite and can do without PostgreSQL's driver (4 MiB)."""
    return env.get("CONCORD_DATABASE_URL", "").startswith("sqlite:")


def in_a_thread(resolve: Resolve) -> Resolve:
    """Return a `getaddrinfo` for green threads: immediate for an address, within RESOLVE_SECONDS for a name.

    Raises socket.gaierror as `resolve` does, and when no response comes in time.
    """
    from eventlet import Timeout, tpool

    def getaddrinfo(host: Any, port: Any, *arguments: Any, **options: Any) -> Any:
        if host is None or is_address(host):
            return resolve(host, port, *arguments, **options)
        late = socket.gaierror(socket.EAI_AGAIN, f"no response from the resolver within {RESOLVE_SECONDS:.0f} s")
        with Timeout(RESOLVE_SECONDS, late):
            return tpool.execute(resolve, host, port, *arguments, **options)

    return getaddrinfo


def is_address(host: Any) -> bool:
    """Return whether it is an IPv4 or IPv6 address, which needs no look-up."""
    text = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host)
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            socket.inet_pton(family, text.partition("%")[0])
        except (OSError, ValueError):
            continue
        return True
    return False
