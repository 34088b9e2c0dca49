"""HTTPS to receivers: to the address that was judged and no other, whatever resolver, certificate or answer say."""

import socket
import threading
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from standardwebhooks import Webhook, WebhookVerificationError
from webhook_receiver import Authority, Receiver, Reply

from concord_nodes.tcp_ports import free_port
from concord_notification.webhooks.adapters.dns_resolver import ThreadedResolver, system_addresses
from concord_notification.webhooks.adapters.https_client import MAX_RESPONSE_BYTES, HttpsSession, trust_store
from concord_notification.webhooks.adapters.signing import new_secret, request_headers
from concord_notification.webhooks.domain.receiver_response import ReceiverResponse, Verdict

HEADERS = {"webhook-id": "event"}
LOOPBACK = "127.0.0.1"


class Resolver:
    """Answers in turn, the last answer for good, and keeps who asked."""

    def __init__(self, *answers: Sequence[str] | OSError) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append(host)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, OSError):
            raise answer
        return answer


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def receiver(authority: Authority) -> Iterator[Receiver]:
    with Receiver(authority.server_context("hooks.internal")) as started:
        yield started


def post(resolver: Resolver, authority: Authority, *internal: str) -> HttpsSession:
    return HttpsSession(resolver, trust_store(authority.ca_file), internal)


def one(poster: HttpsSession, url: str) -> ReceiverResponse:
    with poster.connect(url) as line:
        return line.post(HEADERS, b"{}")


def test_the_name_goes_into_sni_certificate_and_host_the_connection_to_the_address(
    authority: Authority, receiver: Receiver
) -> None:
    resolver = Resolver([LOOPBACK])
    answer = one(post(resolver, authority, "hooks.internal"), receiver.url("/in?k=1", "hooks.internal"))
    assert answer == ReceiverResponse("status", 204)
    assert resolver.asked == ["hooks.internal"]
    [got] = receiver.got
    assert (got.path, got.headers["host"], got.body) == ("/in?k=1", f"hooks.internal:{receiver.port}", b"{}")


def test_rebinding_a_second_answer_is_never_asked_for_within_a_visit(authority: Authority, receiver: Receiver) -> None:
    resolver = Resolver([LOOPBACK], ["169.254.169.254"])
    with post(resolver, authority, "hooks.internal").connect(receiver.url("/", "hooks.internal")) as line:
        assert line.post(HEADERS, b"1").verdict is line.post(HEADERS, b"2").verdict is Verdict.ACCEPTED
    assert resolver.asked == ["hooks.internal"]
    assert receiver.connections == 1, "kept for the next event"


def test_rebinding_each_visit_judges_anew(authority: Authority) -> None:
    """A name that was fine when the endpoint was added, and now means a machine of ours."""
    poster = post(Resolver([LOOPBACK]), authority)
    assert one(poster, "https://rebound.example.org/") == ReceiverResponse("address refused")


@pytest.mark.parametrize(
    "addresses",
    [
        *([LOOPBACK], ["::1"], ["::ffff:127.0.0.1"], ["64:ff9b::7f00:1"], ["10.0.0.1"], ["169.254.169.254"]),
        *(["93.184.216.34", LOOPBACK], [LOOPBACK, "93.184.216.34"], ["2606:4700::1", "fe80::1%lo"]),
    ],
)
def test_no_connection_to_an_address_that_is_not_public(
    authority: Authority, receiver: Receiver, monkeypatch: pytest.MonkeyPatch, addresses: list[str]
) -> None:
    def connect(*_: object) -> None:
        raise AssertionError("nothing may be connected to")

    monkeypatch.setattr(socket.socket, "connect", connect)
    assert one(post(Resolver(addresses), authority), "https://hooks.example.org/") == ReceiverResponse(
        "address refused"
    )


@pytest.mark.parametrize("host", ["2130706433", "0x7f000001", "0177.0.0.1", "127.1", "[::ffff:7f00:1]", "127.0.0.1"])
def test_a_number_is_no_host(authority: Authority, host: str) -> None:
    resolver = Resolver([LOOPBACK])
    assert one(post(resolver, authority), f"https://{host}/") == ReceiverResponse("address refused")
    assert resolver.asked == []


def test_the_system_reads_such_numbers_as_addresses_which_are_judged() -> None:
    """Why judging the name alone would not do: getaddrinfo knows them all."""
    for host in ("2130706433", "0x7f000001", "0177.0.0.1", "127.1"):
        assert set(system_addresses(host, 443)) == {LOOPBACK}


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_a_failure_and_is_not_followed(authority: Authority, receiver: Receiver, status: int) -> None:
    inside = receiver.url("/inside", "hooks.internal")
    receiver.reply = lambda got: Reply(status, {"Location": inside})
    answer = one(post(Resolver([LOOPBACK]), authority, "hooks.internal"), receiver.url("/", "hooks.internal"))
    assert (answer.status, answer.verdict) == (status, Verdict.RETRY)
    assert [each.path for each in receiver.got] == ["/"]


def test_the_certificate_of_another_host_is_refused(authority: Authority) -> None:
    with Receiver(authority.server_context("other.internal", "127.0.0.1")) as receiver:
        answer = one(post(Resolver([LOOPBACK]), authority, "hooks.internal"), receiver.url("/", "hooks.internal"))
    assert answer == ReceiverResponse("tls")
    assert receiver.got == []


def test_a_certificate_of_an_unknown_authority_is_refused(authority: Authority, receiver: Receiver) -> None:
    poster = HttpsSession(Resolver([LOOPBACK]), trust_store(None), ["hooks.internal"])
    assert one(poster, receiver.url("/", "hooks.internal")) == ReceiverResponse("tls")
    assert receiver.got == []


def test_plain_http_to_an_internal_host(authority: Authority) -> None:
    with Receiver() as receiver:
        url = receiver.url("/", "hooks.internal", "http")
        assert one(post(Resolver([LOOPBACK]), authority, "hooks.internal"), url).verdict is Verdict.ACCEPTED
        assert one(post(Resolver([LOOPBACK]), authority), url) == ReceiverResponse("address refused")


def test_the_next_address_is_tried_when_nobody_listens_at_the_first(authority: Authority, receiver: Receiver) -> None:
    resolver = Resolver(["127.0.0.9", LOOPBACK])
    with post(resolver, authority, "hooks.internal").connect(receiver.url("/", "hooks.internal")) as line:
        assert line.post(HEADERS, b"1").verdict is line.post(HEADERS, b"2").verdict is Verdict.ACCEPTED


def test_what_can_go_wrong_has_a_name(authority: Authority, receiver: Receiver) -> None:
    unknown = Resolver(socket.gaierror(socket.EAI_NONAME, "unknown"))
    assert one(post(unknown, authority), "https://unknown.example.org/") == ReceiverResponse("name not found")
    silent = Resolver(TimeoutError())
    assert one(post(silent, authority), "https://silent.example.org/") == ReceiverResponse("timeout")
    away = post(Resolver([LOOPBACK]), authority, "hooks.internal")
    assert one(away, f"https://hooks.internal:{free_port()}/") == ReceiverResponse("connection")


def test_a_large_answer_is_not_read_and_its_connection_not_kept(authority: Authority, receiver: Receiver) -> None:
    receiver.reply = lambda got: Reply(200, body=b"x" * (10 * MAX_RESPONSE_BYTES))
    poster = post(Resolver([LOOPBACK]), authority, "hooks.internal")
    with poster.connect(receiver.url("/", "hooks.internal")) as line:
        assert line.post(HEADERS, b"1") == line.post(HEADERS, b"2") == ReceiverResponse("status", 200)
    assert receiver.connections == 2


def test_retry_after_is_heard(authority: Authority, receiver: Receiver) -> None:
    receiver.reply = lambda got: Reply(429, {"Retry-After": "7"})
    poster = post(Resolver([LOOPBACK]), authority, "hooks.internal")
    assert one(poster, receiver.url("/", "hooks.internal")) == ReceiverResponse("status", 429, 7.0)


def test_a_name_that_hangs_keeps_no_other_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    over = threading.Event()

    def resolve(host: str, port: int) -> list[str]:
        if host == "hangs.example.org":
            over.wait(10)
        return [LOOPBACK]

    monkeypatch.setattr("concord_notification.webhooks.adapters.dns_resolver.RESOLVE_SECONDS", 0.05)
    resolver = ThreadedResolver(resolve, max_threads=2)
    try:
        with pytest.raises(TimeoutError):
            resolver("hangs.example.org", 443)
        assert resolver("hooks.example.org", 443) == [LOOPBACK]
        with pytest.raises(TimeoutError):
            resolver("hangs.example.org", 443)
        with pytest.raises(TimeoutError):
            resolver("hooks.example.org", 443)
    finally:
        over.set()


def test_every_live_secret_signs() -> None:
    first, second, other = new_secret(), new_secret(), new_secret()
    headers = request_headers("event", '{"ñ":1}'.encode(), [first, second], datetime.now(UTC))
    for secret in (first, second):
        assert Webhook(secret).verify('{"ñ":1}', dict(headers)) == {"ñ": 1}
    with pytest.raises(WebhookVerificationError):
        Webhook(other).verify('{"ñ":1}', dict(headers))
    with pytest.raises(WebhookVerificationError):
        Webhook(first).verify('{"ñ":2}', dict(headers))
