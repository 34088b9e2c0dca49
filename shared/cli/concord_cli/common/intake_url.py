"""The URL of intake, checked before an import begins, and the time after which an import gives up."""

import socket
from urllib.parse import urlsplit

import click

from concord_cli.common.errors import UsageError
from concord_http import ServerAddress

GIVE_UP_SECONDS = 120.0
NO_SUCH_HOST = frozenset(
    code for name in ("EAI_NONAME", "EAI_NODATA") if (code := getattr(socket, name, None)) is not None
)
"""A name server that does not answer gives another code (EAI_AGAIN): an import then waits for it."""

GIVE_UP_AFTER = click.option(
    "--give-up-after",
    type=click.FloatRange(min=0, min_open=True),
    default=GIVE_UP_SECONDS,
    show_default=True,
    metavar="SECONDS",
    help="End the import if intake does not answer for so long.",
)


def check_intake_url(url: str) -> None:
    """Raises UsageError for a text that is no URL of a server, and for a host that does not exist."""
    try:
        server = ServerAddress.parse(url)
    except ValueError as error:
        raise UsageError(f"--intake {error}, but is {without_login(url)}.{_suggestion(url)}") from None
    try:
        socket.getaddrinfo(server.host, server.port, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        if error.errno in NO_SUCH_HOST:
            raise UsageError(f"--intake: there is no host {server.host}. Correct its name.") from None
    except (OSError, UnicodeError):
        pass  # the import itself reports what is wrong with the network


def without_login(url: str) -> str:
    """Return the text without user and password, for an error text."""
    before, at, rest = url.rpartition("@")
    return url if not at else f"{before.partition('://')[0]}://{rest}" if "://" in before else rest


def _suggestion(url: str) -> str:
    """Return a question with the likely URL for a text without a scheme; "" for any other."""
    if "://" in url:
        return ""
    try:
        parts = urlsplit(f"http://{url}")
        return f" Did you mean {ServerAddress.parse(parts.geturl()).url}?" if parts.hostname else ""
    except ValueError:
        return ""
