"""The mailer against real SMTP servers: one that works, one that refuses, and some that misbehave."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest

from concord_nodes.mail_catcher import MailCatcher
from concord_nodes.tcp_ports import free_port
from concord_notification.mail import smtp_connection
from concord_notification.mail.message import Mail
from concord_notification.mail.send_result import NOT_ATTEMPTED, SENT, SendOutcome, SendResult
from concord_notification.mail.smtp_address import SmtpAddress
from concord_notification.mail.smtp_mailer import SmtpMailer

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
FROM = "Ciudad Ñ <concord@example.org>"


def a_mail(
    number: int = 0, recipient: str = "ana@example.org", body: str = "Hola\n", subject: str = "Recibido"
) -> Mail:
    return Mail(f"<id-{number}@example.org>", recipient, subject, body, "es", NOW)


def always() -> bool:
    return True


@pytest.fixture
def mailer_to() -> Iterator[Callable[[str], SmtpMailer]]:
    made: list[SmtpMailer] = []

    def make(url: str) -> SmtpMailer:
        made.append(SmtpMailer(SmtpAddress.parse(url), FROM))
        return made[-1]

    yield make
    for each in made:
        each.close()


Conversation = Callable[[socket.socket], None]


@contextmanager
def server_that(*conversations: Conversation) -> Iterator[str]:
    """An SMTP server whose n-th connection is the n-th conversation; any further one is refused."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            for each in conversations:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                with connection:
                    each(connection)
            listening.close()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"smtp://127.0.0.1:{listening.getsockname()[1]}"
        listening.close()
        thread.join(5)


def answers(*replies: str, then: Callable[[], None] = lambda: None) -> Conversation:
    """Say the greeting, then one reply to each command (to the whole content after a 354), then leave."""

    def converse(connection: socket.socket) -> None:
        lines = connection.makefile("rb")
        for place, reply in enumerate(replies):
            if place and replies[place - 1].startswith("354"):
                while lines.readline() not in (b".\r\n", b""):
                    pass
            elif place:
                lines.readline()
            connection.sendall(reply.encode() + b"\r\n")
        if replies and replies[-1].startswith("354"):
            while lines.readline() not in (b".\r\n", b""):
                pass
        then()

    return converse


def test_a_mail_arrives_as_it_was_written(mail: MailCatcher, mailer_to: Callable[[str], SmtpMailer]) -> None:
    body = "Hola, María:\n\n.una línea con punto\n" + "larga " * 40 + "\nfin\n"
    one = Mail("<id@example.org>", "maria@example.org", "Recibido: está con Ñandú" * 5, body, "es", NOW)
    assert mailer_to(mail.url).send([one], always) == [SENT]
    [got] = mail.wait_for(1)
    assert got.get_content().replace("\r\n", "\n") == body
    assert got["Subject"] == "Recibido: está con Ñandú" * 5
    assert got["From"] == FROM
    assert got["To"] == "maria@example.org"
    assert got["Message-ID"] == "<id@example.org>"
    assert got["Auto-Submitted"] == "auto-generated"
    assert got["Date"] == "Mon, 23 Nov 2026 15:00:00 +0000"
    assert got["Content-Language"] == "es"
    assert got.get_content_type() == "text/plain"
    assert all(len(line) <= 998 for line in got.as_bytes().splitlines())


@pytest.mark.parametrize("poison", ["Hola\r\nBcc: x@example.org", "Hola\nBcc: x@example.org", "Hola\r\n Bcc: x\0"])
def test_no_header_gets_in_by_the_subject(
    mail: MailCatcher, mailer_to: Callable[[str], SmtpMailer], poison: str
) -> None:
    one = Mail("<id@example.org>", "ana@example.org", poison, "Hola\n", "es", NOW)
    assert mailer_to(mail.url).send([one, a_mail()], always) == [SendResult(SendOutcome.REJECTED, "writing"), SENT]
    assert [each["Subject"] for each in mail.wait_for(1)] == ["Recibido"]


def test_many_mails_over_few_connections_each_once_and_in_place(mailer_to: Callable[[str], SmtpMailer]) -> None:
    with MailCatcher() as catcher:
        mailer = mailer_to(catcher.url)
        for _ in range(3):
            assert mailer.send([a_mail(number) for number in range(90)], always) == [SENT] * 90
        ids = sorted(str(each["Message-ID"]) for each in catcher.wait_for(270))
        assert ids == sorted([f"<id-{number}@example.org>" for number in range(90)] * 3)


@pytest.mark.parametrize("at", ["rcpt", "data"])
@pytest.mark.parametrize(
    ("code", "outcome"), [(450, SendOutcome.RETRY), (550, SendOutcome.REJECTED), (421, SendOutcome.BACK_OFF)]
)
def test_refusals(
    mail: MailCatcher, mailer_to: Callable[[str], SmtpMailer], at: str, code: int, outcome: SendOutcome
) -> None:
    mailer = mailer_to(mail.url)
    mail.fail_with(code, at)  # type: ignore[arg-type]
    assert mailer.send([a_mail()], always) == [SendResult(outcome, str(code))]
    mail.accept()
    assert mailer.send([a_mail()], always) == [SENT]


def test_a_server_that_is_away_is_tried_once_for_a_batch(mailer_to: Callable[[str], SmtpMailer]) -> None:
    mailer = mailer_to(f"smtp://127.0.0.1:{free_port()}")
    assert mailer.send([a_mail(), a_mail(), a_mail()], always) == [
        SendResult(SendOutcome.BACK_OFF, "connection"),
        NOT_ATTEMPTED,
        NOT_ATTEMPTED,
    ]
    assert mailer.probe() == SendResult(SendOutcome.BACK_OFF, "connection")


def test_a_server_that_does_not_answer(
    mail: MailCatcher, mailer_to: Callable[[str], SmtpMailer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smtp_connection, "ANSWER_SECONDS", 0.2)
    mail.hang()
    assert mailer_to(mail.url).send([a_mail()], always) == [
        SendResult(SendOutcome.BACK_OFF, "timeout", maybe_sent=True)
    ]


def test_cut_off_before_the_mail_is_written_is_no_doubt(mailer_to: Callable[[str], SmtpMailer]) -> None:
    with server_that(answers("220 hi", "250 hi", "250 sender", "250 recipient")) as url:
        assert mailer_to(url).send([a_mail()], always) == [SendResult(SendOutcome.BACK_OFF, "lost")]


def test_cut_off_after_the_mail_is_written_is_doubt(mailer_to: Callable[[str], SmtpMailer]) -> None:
    with server_that(answers("220 hi", "250 hi", "250 sender", "250 recipient", "354 go")) as url:
        assert mailer_to(url).send([a_mail()], always) == [SendResult(SendOutcome.BACK_OFF, "lost", maybe_sent=True)]


TAKES_ONE = ("220 hi", "250 hi", "250 sender", "250 recipient", "354 go", "250 taken")


@pytest.mark.parametrize("end", [(), ("421 too many",)])
def test_a_kept_connection_that_the_server_ended_is_replaced(
    mailer_to: Callable[[str], SmtpMailer], end: tuple[str, ...]
) -> None:
    with server_that(answers(*TAKES_ONE, *end), answers(*TAKES_ONE)) as url:
        mailer = mailer_to(url)
        assert mailer.send([a_mail()], always) == [SENT]
        assert mailer.send([a_mail()], always) == [SENT]


@pytest.mark.parametrize(
    ("replies", "cause"),
    [
        (("421 busy",), "answer"),
        (("554 go away",), "answer"),
        (("220 hi", "250 hi", "550 not from you"), "550"),
        (("220 hi", "250 hi", "451 later"), "451"),
        (("220 hi", "250 hi", "250 sender", "530 log in first"), "530"),
    ],
)
def test_what_is_not_the_recipients_fault_fails_nobody(
    mailer_to: Callable[[str], SmtpMailer], replies: tuple[str, ...], cause: str
) -> None:
    with server_that(answers(*replies)) as url:
        assert mailer_to(url).send([a_mail()], always) == [SendResult(SendOutcome.BACK_OFF, cause)]


def test_a_refused_login_is_told_apart(mailer_to: Callable[[str], SmtpMailer]) -> None:
    with server_that(answers("220 hi", "250-hi\r\n250 AUTH PLAIN", "535 wrong", "535 wrong")) as url:
        assert mailer_to(url.replace("//", "//user:secret@")).send([a_mail()], always) == [
            SendResult(SendOutcome.BACK_OFF, "login")
        ]


def test_a_certificate_nobody_vouches_for_is_refused(mailer_to: Callable[[str], SmtpMailer]) -> None:
    def no_tls(connection: socket.socket) -> None:
        connection.recv(1)
        connection.sendall(b"220 I speak no TLS\r\n")

    with server_that(no_tls) as url:
        [result] = mailer_to(url.replace("smtp:", "smtps:")).send([a_mail()], always)
        assert (result.outcome, result.cause) == (SendOutcome.BACK_OFF, "tls")


def test_away_from_loopback_no_password_is_sent_in_the_clear(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SmtpAddress, "loopback", property(lambda self: False))
    with server_that(answers("220 hi", "250-hi\r\n250 AUTH PLAIN")) as url:
        mailer = SmtpMailer(SmtpAddress.parse(url.replace("//", "//user:secret@")), FROM)
        assert mailer.send([a_mail()], always) == [SendResult(SendOutcome.BACK_OFF, "tls")]


def test_away_from_loopback_starttls_is_used_where_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SmtpAddress, "loopback", property(lambda self: False))
    asked = threading.Event()
    with server_that(answers("220 hi", "250-hi\r\n250 STARTTLS", "220 go", then=asked.set)) as url:
        [result] = SmtpMailer(SmtpAddress.parse(url), FROM).send([a_mail()], always)
        assert result.outcome is SendOutcome.BACK_OFF
        assert asked.is_set()


def test_an_address_beyond_ascii_needs_a_server_that_knows_them(mailer_to: Callable[[str], SmtpMailer]) -> None:
    with server_that(answers("220 hi", "250 hi")) as url:
        result = mailer_to(url).send([a_mail(recipient="josé@example.org")], always)
        assert result == [SendResult(SendOutcome.REJECTED, "smtputf8")]
    with MailCatcher() as catcher:
        mailer = mailer_to(catcher.url)
        [result] = mailer.send([a_mail(recipient="josé@example.org")], always)
        assert result in (SENT, SendResult(SendOutcome.REJECTED, "smtputf8"))
        assert mailer.send([a_mail()], always) == [SENT]


def test_nothing_is_begun_when_it_may_not(mail: MailCatcher, mailer_to: Callable[[str], SmtpMailer]) -> None:
    turns = iter([True, True, False])
    mailer = SmtpMailer(SmtpAddress.parse(mail.url), FROM, connections=1)
    assert mailer.send([a_mail()] * 4, lambda: next(turns)) == [SENT, SENT, NOT_ATTEMPTED, NOT_ATTEMPTED]
    mailer.close()
    assert mail.count == 2


def test_probing_keeps_the_connection_for_the_next_mail(mailer_to: Callable[[str], SmtpMailer]) -> None:
    with server_that(answers(*TAKES_ONE)) as url:
        mailer = mailer_to(url)
        assert mailer.probe() == SENT
        assert mailer.send([a_mail()], always) == [SENT]
