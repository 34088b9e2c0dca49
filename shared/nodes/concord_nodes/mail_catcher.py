"""A mail catcher: an SMTP server on loopback that keeps every mail and sends none on.

In a test: `with MailCatcher() as catcher: ...`. As a program, with a page to look at the mails:

    python -m concord_nodes.mail_catcher --smtp-port 1025 --http-port 8084 --folder mails
"""

import argparse
import asyncio
import email
import email.policy
import errno
import logging
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from aiosmtpd.smtp import SMTP, Envelope, Session

from concord_nodes.errors import NodeError, PortTaken
from concord_nodes.mail_store import MailFolder
from concord_nodes.mail_viewer import serve_page
from concord_nodes.node_ports import NodePorts
from concord_nodes.tcp_ports import LOOPBACK

ACCEPTED = "250 Message accepted"
MAX_MAIL_BYTES = 1024 * 1024
USAGE_ERROR = 2
"""Exit code when a port must be freed or changed first."""
NAME = "the mail catcher"
logging.getLogger("mail.log").setLevel(logging.WARNING)


class MailCatcher:
    """Stores mails in memory. A test can make it refuse mails or hang, as a real server might. Thread-safe."""

    def __init__(self, port: int = 0) -> None:
        self._ports = NodePorts(NAME, {"smtp": port})
        self.port = 0
        self._received: list[bytes] = []
        self._arrival = threading.Condition()
        self._refusal: tuple[int, str] | None = None
        self._hanging = False
        self._loop = asyncio.new_event_loop()
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        return f"smtp://{LOOPBACK}:{self.port}"

    @property
    def messages(self) -> list[EmailMessage]:
        """All mails accepted so far, oldest first."""
        with self._arrival:
            received = list(self._received)
        return [email.message_from_bytes(content, policy=email.policy.default) for content in received]

    @property
    def count(self) -> int:
        with self._arrival:
            return len(self._received)

    def wait_for(self, count: int, seconds: float = 10) -> list[EmailMessage]:
        """Wait for at least `count` mails and return all. Raises TimeoutError after `seconds`."""
        with self._arrival:
            if not self._arrival.wait_for(lambda: len(self._received) >= count, seconds):
                raise TimeoutError(f"{len(self._received)} of {count} mails arrived within {seconds} s")
        return self.messages

    def clear(self) -> None:
        with self._arrival:
            self._received.clear()

    def fail_with(self, code: int, at: Literal["rcpt", "data"] = "rcpt") -> None:
        """Refuse mails from now on with this SMTP code: 4xx is a temporary error, 5xx a permanent one."""
        self._refusal, self._hanging = (code, at), False

    def hang(self) -> None:
        """Receive mails from now on without a reply."""
        self._refusal, self._hanging = None, True

    def accept(self) -> None:
        """Accept mails again. Clients that still wait get their reply."""
        self._refusal, self._hanging = None, False

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self._refusal and self._refusal[1] == "rcpt":
            return f"{self._refusal[0]} Refused by the test"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        while self._hanging:
            await asyncio.sleep(0.05)
        if self._refusal and self._refusal[1] == "data":
            return f"{self._refusal[0]} Refused by the test"
        with self._arrival:
            self._received.append(envelope.original_content or b"")
            self._arrival.notify_all()
        return ACCEPTED

    def start(self) -> Self:
        """Listen. Raises PortTaken when another program has the requested port."""
        self._thread = threading.Thread(target=self._loop.run_forever, name="mail catcher", daemon=True)
        self._thread.start()
        try:
            self._ports.start(lambda ports: self._listen_on(ports["smtp"]), {"smtp": self.port})
        except NodeError:
            self.stop()
            raise
        return self

    def _listen_on(self, port: int) -> None:
        asyncio.run_coroutine_threadsafe(listen(self, port), self._loop).result(timeout=10)
        self.port = port

    def stop(self) -> None:
        """Stop listening and close every connection. A stopped catcher cannot start again."""
        if self._thread is None:
            return
        asyncio.run_coroutine_threadsafe(_end_all(), self._loop).result(timeout=10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=10)
        self._loop.close()
        self._thread = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


class FolderHandler:
    """Stores mails as files."""

    def __init__(self, folder: MailFolder) -> None:
        self._folder = folder

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        try:
            self._folder.keep(envelope.original_content or b"")
        except OSError as error:
            return f"452 The mail cannot be stored: {error.strerror}"
        return ACCEPTED


async def listen(handler: object, port: int, host: str = LOOPBACK) -> asyncio.Server:
    """Start an SMTP server that passes mails to `handler` (aiosmtpd's handle_DATA and others).

    Raises PortTaken when another program has the port.
    """
    loop = asyncio.get_running_loop()
    with taken_ports_named(host, port, NAME):
        return await loop.create_server(
            lambda: SMTP(handler, hostname="localhost", ident="Concord mail catcher", data_size_limit=MAX_MAIL_BYTES),
            host,
            port,
        )


@contextmanager
def taken_ports_named(host: str, port: int, what: str) -> Iterator[None]:
    """Raise PortTaken instead of the system's error when the port is in use."""
    try:
        yield
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        raise PortTaken(host, port, what) from error


async def _end_all() -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


async def run(smtp_port: int, http_port: int, folder: MailFolder, host: str = LOOPBACK) -> None:
    """Serve SMTP and the page until SIGTERM or SIGINT. Raises PortTaken."""
    server = await listen(FolderHandler(folder), smtp_port, host)
    try:
        with taken_ports_named(host, http_port, "the page of mails"):
            page = serve_page(folder, http_port, host)
    except BaseException:
        server.close()
        raise
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    print(f"Mails to smtp://{host}:{smtp_port} can be read at http://{host}:{http_port}/", flush=True)
    await ended.wait()
    page.shutdown()
    server.close()
    await _end_all()


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m concord_nodes.mail_catcher", description=__doc__)
    parser.add_argument("--smtp-port", type=int, default=1025, help="port for mails (default: 1025)")
    parser.add_argument("--http-port", type=int, default=8084, help="port of the page (default: 8084)")
    parser.add_argument("--host", default=LOOPBACK, help=f"address to listen on (default: {LOOPBACK})")
    parser.add_argument("--folder", type=Path, required=True, help="folder for the mails, one .eml file each")
    options = parser.parse_args(arguments)
    try:
        folder = MailFolder(options.folder)
        NodePorts(NAME, {"smtp": options.smtp_port, "page": options.http_port}).start(
            lambda ports: asyncio.run(run(ports["smtp"], ports["page"], folder, options.host)), {}
        )
    except PortTaken as error:
        print(error, file=sys.stderr)
        return USAGE_ERROR
    except (NodeError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
