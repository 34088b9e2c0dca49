"""A whole Concord over a mail server, and what residents, officers and operators do with it over HTTP."""

import json
import re
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from time import monotonic, sleep
from typing import Any, Self, TypeVar
from urllib.parse import urlencode

from concord_nodes.mail_catcher import MailCatcher

from .running import CHECKOUT, Up, gone

T = TypeVar("T")
CITY = CHECKOUT / "deploy/sample/boston/city"
FORM = "application/x-www-form-urlencoded"
SERVICES = ("intake", "routing", "notification", "metrics")


def until(look: Callable[[], T], seconds: float = 40) -> T:
    """What `look` gives once it is true."""
    deadline = monotonic() + seconds
    while not (found := look()):
        assert monotonic() < deadline, f"still {found!r} after {seconds} s"
        sleep(0.1)
    return found


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: str

    @property
    def json(self) -> Any:
        assert self.status < 300, (self.status, self.body)
        return json.loads(self.body)


def ask(url: str, body: object = None, key: str | None = None, kind: str | None = None, **headers: str) -> Answer:
    """GET, or POST of a JSON value or of `bytes`; in names of headers `_` stands for `-`."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    sent |= {"Authorization": f"Bearer {key}"} if key else {}
    sent |= {"Content-Type": kind or "application/json"} if body is not None else {}
    data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data, sent), timeout=20) as got:
            return Answer(got.status, dict(got.headers), got.read().decode())
    except urllib.error.HTTPError as refused:
        return Answer(refused.code, dict(refused.headers), refused.read().decode())


class Platform:
    """All services of one `concord up`, whose mails go to `post`."""

    def __init__(self, up: Up, post: MailCatcher) -> None:
        self.home, self.post = up.home, post
        self.urls: Mapping[str, str] = up.running()["urls"]
        self.operator = (up.home / "keys/ops-token").read_text("ascii").strip()

    def concord(self, *arguments: str) -> str:
        """What the command prints."""
        command = [sys.executable, "-m", "concord_cli", *arguments, "--home", str(self.home)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def get(self, service: str, path: str, key: str | None = None, **headers: str) -> Any:
        return ask(self.urls[service] + path, key=key, **headers).json

    def report(self, concern: Mapping[str, Any], **headers: str) -> dict[str, str]:
        """Hand a concern in at the front; the answer with id and receipt."""
        taken: dict[str, str] = ask(f"{self.urls['intake']}/v1/concerns", concern, **headers).json
        return taken

    def case_of(self, concern: str, key: str) -> dict[str, Any]:
        """The case of a concern with its history, once routing has opened it."""
        page = until(lambda: self.get("routing", f"/v1/cases?concern_id={concern}", key)["cases"])
        case: dict[str, Any] = self.get("routing", f"/v1/cases/{page[0]['case_id']}", key)
        return case

    def work(self, case: Mapping[str, Any], command: str, key: str, **body: object) -> dict[str, Any]:
        """Carry a command out on the case as it is now."""
        url = f"{self.urls['routing']}/v1/cases/{case['case_id']}"
        tag = ask(url, key=key).headers["ETag"]
        worked: dict[str, Any] = ask(f"{url}/{command}", body, key, If_Match=tag).json
        return worked

    def mail(self, to: str, subject: str, after: int = 0) -> EmailMessage:
        """The mail to an address with these words in its subject, once it has come; `after` so many others alike."""

        def alike() -> list[EmailMessage]:
            return [each for each in self.post.messages if each["To"] == to and subject in str(each["Subject"])]

        return until(lambda: alike()[after:])[0]

    def settled(self) -> bool:
        """Whether nothing waits in outboxes, in queues or to be sent."""
        waiting = ("outbox", "waiting", "due", "sending")
        ledgers = [self.get(each, "/v1/ledger", self.operator) for each in SERVICES]
        return not any(ledger.get(name) for ledger in ledgers for name in waiting) and not self.queued()

    def queued(self) -> int:
        """Messages in the services' queues."""
        login = json.loads((self.home / "rabbitmq/node.json").read_text())
        answer = subprocess.run(
            ["curl", "-sS", "-u", f"{login['user']}:{login['password']}", f"{self.urls['management']}/api/queues"],
            check=True,
            capture_output=True,
        )
        rows = json.loads(answer.stdout)
        return sum(row.get("messages", 0) for row in rows if row["name"].partition(".")[0] in SERVICES)

    @property
    def admin(self) -> str:
        """The broker's URL with the login that may do everything."""
        login = json.loads((self.home / "rabbitmq/node.json").read_text())
        return f"amqp://{login['user']}:{login['password']}@127.0.0.1:{login['ports']['amqp']}/%2F"


@contextmanager
def platform(folder: Path, post: MailCatcher, city: Path = CITY, **env: str) -> Iterator[Platform]:
    """An empty Concord that serves, and is gone afterwards."""
    home = folder / "home"
    mails = ("--smtp", post.url, "--mail-from", "Concord <concord@example.org>")
    with Up(home, "--no-import", "--city", str(city), *mails, once=False, env=env) as up:
        up.await_line("Running until Ctrl-C.")
        yield Platform(up, post)
    assert gone(home, 12)


def link_in(mail: EmailMessage) -> str:
    """The link of a mail that asks for feedback. The other one leads to the concern."""
    [link] = re.findall(r"http://\S+/feedback/\S+", mail.get_content())
    return str(link)


def send_form(link: str, **filled: str) -> Answer:
    """Send the page behind a link as a browser does."""
    return ask(link, urlencode(filled).encode(), kind=FORM)


class Hooks:
    """A receiver of webhooks on loopback that keeps what it gets: (path, headers in lower case, body)."""

    def __init__(self) -> None:
        self.got: list[tuple[str, dict[str, str], bytes]] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}{path}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join(5)
        self._server.server_close()


def _handler(hooks: Hooks) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            hooks.got.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            """Silent."""

    return Handler
