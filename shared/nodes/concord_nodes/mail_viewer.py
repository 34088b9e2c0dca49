"""A plain page over the mails of a folder: a list, newest first, and each mail as text."""

import json
import threading
from collections.abc import Iterator
from email.message import EmailMessage
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from concord_nodes.mail_store import MailFolder
from concord_nodes.tcp_ports import LOOPBACK

PER_PAGE = 50
STYLE = """
:root{color-scheme:light dark}
body{font:16px/1.4 sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
ol{list-style:none;padding:0}
li{display:flex;flex-wrap:wrap;gap:0 1rem;padding:.5rem 0;border-bottom:1px solid #8886}
li a{flex:1 1 24rem}
li span{font-size:.875rem;overflow-wrap:anywhere}
pre{white-space:pre-wrap;overflow-wrap:anywhere}
"""


def serve_page(folder: MailFolder, port: int, host: str = LOOPBACK) -> ThreadingHTTPServer:
    """Serve in a thread of its own until `shutdown`."""

    class Handler(PageHandler):
        mails = folder

    server = ThreadingHTTPServer((host, port), Handler)
    threading.Thread(target=server.serve_forever, name="mail page", daemon=True).start()
    return server


class PageHandler(BaseHTTPRequestHandler):
    mails: MailFolder

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        if url.path == "/count":
            self._answer(200, json.dumps({"count": len(self.mails.names)}), "application/json")
        elif url.path == "/":
            page = parse_qs(url.query).get("page", ["1"])[0]
            self._answer(200, list_page(self.mails, max(1, int(page)) if page.isdecimal() else 1))
        else:
            self._mail(url.path.removeprefix("/mails/"))

    def _mail(self, name: str) -> None:
        try:
            self._answer(200, mail_page(self.mails.read(name)))
        except KeyError:
            self._answer(404, document("No such mail", "<p><a href='/'>All mails</a></p>"))

    def _answer(self, status: int, text: str, content_type: str = "text/html; charset=utf-8") -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """No line per request."""


def document(title: str, content: str) -> str:
    width = "<meta name=viewport content='width=device-width, initial-scale=1'>"
    head = f"<meta charset=utf-8>{width}<title>{escape(title)}</title><style>{STYLE}</style>"
    return f"<!doctype html><html lang=en>{head}<h1>{escape(title)}</h1>{content}</html>"


def list_page(mails: MailFolder, page: int) -> str:
    """Return one page of the list: fifty mails, newest first."""
    newest_first = mails.names[::-1]
    first = (page - 1) * PER_PAGE
    if not newest_first:
        return document("Mails", "<p>No mails yet. Reload this page after a service has sent one.</p>")
    rows = "".join(_row(name, mails) for name in newest_first[first : first + PER_PAGE])
    return document(
        f"{len(newest_first)} mail{'s' * (len(newest_first) != 1)}",
        f"<ol>{rows}</ol><p>{' · '.join(_links(page, first + PER_PAGE < len(newest_first)))}</p>",
    )


def _row(name: str, mails: MailFolder) -> str:
    mail = mails.read(name)
    subject = escape(str(mail["Subject"] or "(no subject)"))
    about = "".join(f"<span>{escape(str(mail[header] or ''))}</span>" for header in ("To", "Date"))
    return f"<li><a href='/mails/{name}'>{subject}</a>{about}</li>"


def _links(page: int, more: bool) -> Iterator[str]:
    if page > 1:
        yield f"<a href='/?page={page - 1}'>Newer</a>"
    yield f"page {page}"
    if more:
        yield f"<a href='/?page={page + 1}'>Older</a>"


def mail_page(mail: EmailMessage) -> str:
    """Return the page of one mail: its headers and text, escaped."""
    headers = "\n".join(f"{name}: {value}" for name, value in mail.items())
    body = mail.get_body(("plain", "html"))
    text = body.get_content() if body else ""
    back = "<p><a href='/'>All mails</a></p>"
    return document(str(mail["Subject"] or "(no subject)"), f"{back}<pre>{escape(headers)}\n\n{escape(text)}</pre>")
