"""The mail catcher: in a test, and as a program with its page."""

import smtplib
import urllib.error
import urllib.request
from email.message import EmailMessage
from pathlib import Path

import pytest

from concord_nodes import MailNode, NodeError
from concord_nodes.mail_catcher import MailCatcher
from concord_nodes.tcp_ports import free_port


def mail_to(port: int, subject: str, seconds: float = 5, text: str = "Está con el equipo") -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "city@example.org", "ana@example.org", subject
    message.set_content(text)
    with smtplib.SMTP("127.0.0.1", port, timeout=seconds) as server:
        server.send_message(message)


def page(url: str) -> str:
    with urllib.request.urlopen(url, timeout=5) as answer:
        return str(answer.read().decode())


def test_mails_are_kept_as_sent(mail: MailCatcher) -> None:
    mail_to(mail.port, "Lo tenemos: cañería rota")
    (kept,) = mail.wait_for(1)
    assert kept["Subject"] == "Lo tenemos: cañería rota"
    assert kept.get_content().strip() == "Está con el equipo"


def test_waiting_for_mails_that_do_not_come_ends(mail: MailCatcher) -> None:
    with pytest.raises(TimeoutError, match="0 of 1"):
        mail.wait_for(1, seconds=0.1)


@pytest.mark.parametrize(("at", "error"), [("rcpt", smtplib.SMTPRecipientsRefused), ("data", smtplib.SMTPDataError)])
def test_a_refusal_and_its_end(mail: MailCatcher, at: str, error: type[Exception]) -> None:
    mail.fail_with(451, at)  # type: ignore[arg-type]
    with pytest.raises(error, match="451"):
        mail_to(mail.port, "refused")
    mail.accept()
    mail_to(mail.port, "taken")
    assert [each["Subject"] for each in mail.wait_for(1)] == ["taken"]


def test_a_hanging_server_answers_nothing(mail: MailCatcher) -> None:
    mail.hang()
    with pytest.raises(smtplib.SMTPServerDisconnected, match="timed out"):
        mail_to(mail.port, "never", seconds=0.3)
    assert mail.count == 0


def test_the_program_keeps_mails_and_shows_them(tmp_path: Path) -> None:
    with MailNode(tmp_path) as node:
        for number in range(52):
            mail_to(node.smtp_port, f"Mail {number}", text="<script>alert(1)</script>")
        assert node.count() == 52
        newest, older = page(node.page_url), page(node.page_url + "?page=2")
        assert "Mail 51<" in newest
        assert "Mail 1<" not in newest
        assert "Mail 1<" in older
        shown = page(node.page_url + "mails/000000052")
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in shown
        assert "<script>" not in shown
        node.kill()
        node.start()
        assert node.count() == 52


@pytest.mark.parametrize("name", ["../../console.log", "000000009", "x"])
def test_only_mails_are_shown(tmp_path: Path, name: str) -> None:
    with MailNode(tmp_path) as node, pytest.raises(urllib.error.HTTPError, match="404"):
        page(f"{node.page_url}mails/{name}")


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    with MailCatcher(free_port()) as first, pytest.raises(NodeError, match=f"Port {first.port} .* is taken"):
        MailNode(tmp_path, smtp_port=first.port).start()
