"""Events to endpoints on memory: fan-out, visits, records and upkeep, with clock and receivers in the test's hand."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from cryptography.fernet import Fernet, MultiFernet
from notice_events import START, contact_of, routed, unroutable
from prometheus_client import CollectorRegistry
from tests.memory.bus import MemoryBus
from tests.memory.notification import MemoryStore

from concord_bus.domain.errors import DatabaseUnavailable
from concord_bus.unit_of_work import OpenWork
from concord_i18n.translator import Translator
from concord_notification.mail.message import Mail
from concord_notification.mail.send_result import SENT, SendOutcome, SendResult
from concord_notification.service import merge_handlers
from concord_notification.webhooks.adapters.metrics import WebhookMetrics
from concord_notification.webhooks.adapters.signing import new_secret
from concord_notification.webhooks.adapters.vault import FernetEndpointVault
from concord_notification.webhooks.application.deliver import LEASE, BatchResult, WebhookDispatcher
from concord_notification.webhooks.application.fan_out import EndpointCache, FanOut
from concord_notification.webhooks.application.maintenance import Maintenance, VaultCheck
from concord_notification.webhooks.application.manage_endpoints import (
    DeliveryNotFound,
    EndpointDisabled,
    EndpointNameTaken,
    EndpointNotFound,
    EndpointService,
    NewEndpoint,
)
from concord_notification.webhooks.domain.delivery import Delivery, DeliveryState, Failure
from concord_notification.webhooks.domain.endpoint import DisableReason, Endpoint, Grant
from concord_notification.webhooks.domain.receiver_response import ReceiverResponse
from concord_notification.webhooks.domain.url_policy import UrlRefused

ACTOR = "user:7f3a"
ROUTED, UNROUTABLE = "concern.routed.v1", "concern.unroutable.v1"
OK, DOWN, GONE, BUSY = (
    ReceiverResponse("status", 200),
    ReceiverResponse("status", 503),
    ReceiverResponse("status", 410),
    ReceiverResponse("status", 429, 900.0),
)


class Receivers:
    """Answer as they are told by URL; keep what came."""

    def __init__(self) -> None:
        self.answers: dict[str, list[ReceiverResponse]] = {}
        self.got: list[tuple[str, str, bytes]] = []
        self.url = ""

    @contextmanager
    def connect(self, url: str) -> Iterator["Receivers"]:
        self.url = url
        yield self

    def post(self, headers: Mapping[str, str], body: bytes) -> ReceiverResponse:
        self.got.append((self.url, headers["webhook-id"], body))
        told = self.answers.get(self.url)
        return told.pop(0) if told else OK

    @property
    def ids(self) -> list[str]:
        return [each for _, each, _ in self.got]


class FakeMailer:
    def __init__(self) -> None:
        self.sent: list[Mail] = []
        self.answer = SENT

    def send(self, mails: Sequence[Mail], may_begin: Any) -> list[SendResult]:
        self.sent += mails
        return [self.answer for _ in mails]

    def probe(self) -> SendResult:
        return self.answer


class Scene:
    """Webhooks of one service in memory."""

    def __init__(self) -> None:
        self.now = START
        self.store = MemoryStore()
        self.cache = EndpointCache()
        self.vault = FernetEndpointVault(MultiFernet([Fernet(Fernet.generate_key())]))
        self.receivers = Receivers()
        self.mailer = FakeMailer()
        self.metrics = WebhookMetrics(CollectorRegistry())
        self.bus = MemoryBus(self.store, {}, lambda: self.now)
        handlers = merge_handlers(FanOut(self.bus.codec, self.cache).handlers())
        self.bus = MemoryBus(self.store, handlers, lambda: self.now, self.bus.codec)
        self.dispatcher = self.process()
        self.service = EndpointService(self.begin, self.read, self.vault, self.cache, self.resolve, new_secret)
        self.vault_check = VaultCheck(self.vault, self.metrics)
        self.maintenance = self.maintenance_of(self.vault)

    def maintenance_of(self, vault: FernetEndpointVault) -> Maintenance:
        self.vault_check = VaultCheck(vault, self.metrics)
        sender = "C <c@example.org>"
        rest = vault, self.mailer, sender, self.vault_check, Translator()
        return Maintenance(self.begin, self.read, *rest, clock=lambda: self.now)

    def restarted_with(self, vault: FernetEndpointVault) -> None:
        """With other keys than before."""
        self.dispatcher, self.maintenance = self.process(vault), self.maintenance_of(vault)

    def process(self, vault: FernetEndpointVault | None = None) -> WebhookDispatcher:
        return WebhookDispatcher(
            self.begin,
            self.read,
            vault or self.vault,
            self.receivers,
            self.sign,
            self.metrics,
            clock=lambda: self.now,
            waits_clock=lambda: self.now,
            on_disabled=self.cache.invalidate,
            chance=lambda: 0.5,
        )

    def sign(self, event_id: str, body: bytes, secrets: Sequence[str], now: datetime) -> Mapping[str, str]:
        return {"webhook-id": event_id}

    def resolve(self, host: str, port: int) -> Sequence[str]:
        return ["10.0.0.1"] if host.startswith("inside") else ["93.184.216.34"]

    @contextmanager
    def begin(self) -> Iterator[OpenWork[MemoryStore]]:
        with self.bus.database.begin() as (tx, store):
            work = OpenWork(store, self.now, self.bus.codec)
            yield work
            tx.enqueue(work.outgoing)

    @contextmanager
    def read(self) -> Iterator[MemoryStore]:
        yield self.store

    def add(self, name: str, *types: str, contact: str | None = None, **grant: tuple[str, ...]) -> str:
        made, _ = self.service.add(
            NewEndpoint(name, f"https://{name}.example.org/", Grant(types or (ROUTED,), **grant), contact), ACTOR
        )
        return made.url

    def round(self) -> int:
        """Claim, deliver, record; how many attempts were made."""
        claimed = [self.dispatcher.deliver(each) for each in self.dispatcher.claim([], 64, 32)]
        self.dispatcher.record(claimed)
        return sum(len(each.attempts) for each in claimed)

    def later(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def endpoint(self, name: str = "parks") -> Endpoint:
        found = self.store.webhooks.endpoint(name)
        assert found
        return found

    def deliveries(self, state: DeliveryState, name: str = "parks") -> list[Delivery]:
        return self.store.webhooks.deliveries(self.endpoint(name).id, state, 100)

    def counted(self, result: str) -> float:
        return self.metrics.attempts.labels(result)._value.get()


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_who_is_granted_an_event_gets_it_as_it_was_published(scene: Scene) -> None:
    parks, water = scene.add("parks", ROUTED, UNROUTABLE), scene.add("water", areas=("B2",))
    first, second = routed("a"), unroutable("b")
    scene.bus.deliver(first, second)
    assert scene.round() == 2
    assert sorted(scene.receivers.got) == sorted(
        (parks, each.id, scene.bus.codec.encode(each).body) for each in (first, second)
    )
    assert water not in {url for url, _, _ in scene.receivers.got}
    assert scene.counted("taken") == 2


def test_nothing_is_queued_where_there_is_no_endpoint_and_nothing_private_ever(scene: Scene) -> None:
    scene.bus.deliver(routed("a"))
    assert scene.store.webhooks.events == {}
    assert "contact.given.v1" not in FanOut(scene.bus.codec, scene.cache).handlers()
    scene.add("parks")
    scene.bus.deliver(contact_of("a"))
    assert scene.store.webhooks.by_key == {}


def test_the_same_event_twice_is_sent_once(scene: Scene) -> None:
    scene.add("parks")
    event = routed("a")
    scene.bus.deliver(event, event)
    scene.bus.deliver(event)
    assert [scene.round(), scene.round()] == [1, 0]


def test_handlers_of_one_type_are_called_in_turn() -> None:
    called: list[str] = []
    one = {"x": lambda events, work: called.append("one"), "y": lambda events, work: called.append("y")}
    table = merge_handlers(one, {"x": lambda events, work: called.append("two")})
    table["x"]([], None)
    table["y"]([], None)
    assert called == ["one", "two", "y"]


def test_a_failed_attempt_ends_the_visit_and_rests_the_endpoint(scene: Scene) -> None:
    parks = scene.add("parks")
    scene.bus.deliver(routed("a"), routed("b"), routed("c"))
    scene.receivers.answers[parks] = [OK, DOWN]
    assert scene.round() == 2
    assert [len(scene.deliveries(each)) for each in (DeliveryState.DELIVERED, DeliveryState.DUE)] == [1, 2]
    assert scene.endpoint().failures == 1
    assert scene.round() == 0, "it rests"
    scene.later(1)
    assert scene.round() == 1, "what was not tried yet"
    assert scene.endpoint().failures == 0
    scene.later(4)
    assert scene.round() == 1
    assert len(set(scene.receivers.ids)) == 3


def test_retry_after_is_honoured(scene: Scene) -> None:
    parks = scene.add("parks")
    scene.bus.deliver(routed("a"), routed("b"))
    scene.receivers.answers[parks] = [BUSY]
    scene.round()
    scene.later(899)
    assert scene.round() == 0
    scene.later(1)
    assert scene.round() == 2


def test_after_ten_attempts_it_is_disabled_and_its_contact_told_once(scene: Scene) -> None:
    parks = scene.add("parks", contact="ops@example.org")
    scene.bus.deliver(routed("a"))
    scene.receivers.answers[parks] = [DOWN] * 10
    attempts = 0
    while scene.endpoint().active:
        attempts += scene.round()
        scene.later(3600)
    assert attempts == 10
    assert timedelta(days=2.9) < scene.now - START < timedelta(days=3.2)
    assert scene.endpoint().why is DisableReason.EXHAUSTED
    assert [each.failure for each in scene.deliveries(DeliveryState.FAILED)] == [Failure.EXHAUSTED]
    scene.mailer.answer = SendResult(SendOutcome.BACK_OFF, "away")
    scene.maintenance.run_once()
    scene.mailer.answer = SENT
    scene.maintenance.run_once()
    scene.maintenance.run_once()
    assert [each.recipient for each in scene.mailer.sent] == ["ops@example.org"] * 2
    assert len({each.id for each in scene.mailer.sent}) == 1
    assert "concord webhook enable parks" in scene.mailer.sent[0].body


def test_gone_ends_it_and_what_comes_then_can_be_replayed(scene: Scene) -> None:
    parks = scene.add("parks")
    first, second, third = sorted((routed(each) for each in "abc"), key=lambda each: each.id)
    scene.bus.deliver(first, second)
    scene.receivers.answers[parks] = [GONE]
    scene.round()
    assert scene.endpoint().why is DisableReason.GONE
    scene.bus.deliver(third)
    failures = {each.event_id: each.failure for each in scene.deliveries(DeliveryState.FAILED)}
    assert failures == {first.id: Failure.GONE, second.id: Failure.DISABLED, third.id: Failure.DISABLED}
    with pytest.raises(EndpointDisabled):
        scene.service.replay_since("parks", START, ACTOR)
    scene.service.enable("parks", ACTOR)
    assert scene.service.replay_since("parks", START, ACTOR) == 3
    assert scene.round() == 3
    assert scene.receivers.ids == [first.id, first.id, second.id, third.id]


def test_what_arrived_can_be_replayed_too(scene: Scene) -> None:
    scene.add("parks")
    event = routed("a")
    scene.bus.deliver(event)
    scene.round()
    assert scene.service.replay_since("parks", START, ACTOR) == 0
    assert scene.service.replay_since("parks", START, ACTOR, delivered_too=True) == 1
    scene.round()
    assert scene.service.replay_one("parks", event.id, ACTOR) == 1
    scene.round()
    assert scene.receivers.ids == [event.id] * 3
    with pytest.raises(DeliveryNotFound):
        scene.service.replay_one("parks", "unknown", ACTOR)


def test_a_crash_at_the_moment_of_sending_sends_once_more_under_the_same_id(scene: Scene) -> None:
    scene.add("parks")
    event = routed("a")
    scene.bus.deliver(event)
    [visit] = scene.dispatcher.claim([], 64, 32)
    scene.dispatcher.deliver(visit)
    other = scene.process()
    assert other.claim([], 64, 32) == [], "another process keeps away"
    scene.now += LEASE
    scene.dispatcher = other
    assert scene.round() == 1
    assert scene.receivers.ids == [event.id, event.id]


def test_who_was_overtaken_records_nothing(scene: Scene) -> None:
    parks = scene.add("parks")
    scene.bus.deliver(routed("a"))
    scene.receivers.answers[parks] = [DOWN]
    [visit] = scene.dispatcher.claim([], 64, 32)
    late = scene.dispatcher.deliver(visit)
    scene.now += LEASE
    assert scene.round() == 1
    scene.dispatcher.record([late])
    assert scene.endpoint().failures == 0
    assert len(scene.deliveries(DeliveryState.DELIVERED)) == 1


def test_a_record_that_the_database_did_not_take_can_be_made_again(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene.add("parks")
    scene.bus.deliver(routed("a"))
    claimed: list[BatchResult] = [scene.dispatcher.deliver(each) for each in scene.dispatcher.claim([], 64, 32)]

    @contextmanager
    def away() -> Iterator[Any]:
        raise DatabaseUnavailable
        yield

    with monkeypatch.context() as patched:
        patched.setattr(scene.dispatcher, "begin", away)
        with pytest.raises(DatabaseUnavailable):
            scene.dispatcher.record(claimed)
    scene.dispatcher.record(claimed)
    assert len(scene.deliveries(DeliveryState.DELIVERED)) == 1


def test_those_that_fail_leave_room_for_the_others(scene: Scene) -> None:
    for number in range(6):
        url = scene.add(f"bad{number}")
        scene.receivers.answers[url] = [DOWN]
    scene.bus.deliver(routed("a"))
    scene.round()
    scene.add("good")
    scene.later(5)
    scene.bus.deliver(routed("b"))
    claimed = [each.endpoint.name for each in scene.dispatcher.claim([], 4, 2)]
    assert "good" in claimed
    assert len(claimed) == 3


def other_vault() -> FernetEndpointVault:
    return FernetEndpointVault(MultiFernet([Fernet(Fernet.generate_key())]))


def test_without_the_vault_s_key_deliveries_are_held_and_nothing_counts_as_failed(scene: Scene) -> None:
    scene.add("parks")
    scene.bus.deliver(routed("a"), routed("b"))
    before = scene.deliveries(DeliveryState.DUE)
    scene.restarted_with(other_vault())
    for _ in range(5 * 24 * 4):
        assert scene.round() == 0
        scene.later(900)
    assert scene.receivers.got == []
    assert scene.deliveries(DeliveryState.DUE) == before
    assert (scene.endpoint().active, scene.endpoint().failures) == (True, 0)
    scene.restarted_with(scene.vault)
    assert scene.round() == 2


def test_what_is_held_is_looked_at_once_a_minute(scene: Scene) -> None:
    scene.add("parks")
    scene.bus.deliver(routed("a"))
    scene.restarted_with(other_vault())
    scene.round()
    scene.later(59)
    assert scene.dispatcher.claim([], 64, 32) == []
    scene.later(1)
    assert len(scene.dispatcher.claim([], 64, 32)) == 1


def test_a_missing_key_of_the_vault_is_said_until_it_is_back(scene: Scene) -> None:
    scene.add("parks")
    scene.add("water")
    scene.service.disable("water", ACTOR)
    scene.maintenance.run_once()
    assert scene.vault_check.problem() is None
    scene.restarted_with(other_vault())
    scene.maintenance.run_once()
    assert scene.vault_check.problem() == "no key of the vault opens the secrets of 1 webhook endpoint(s)"
    assert scene.metrics.unreadable._value.get() == 1
    scene.service.remove("parks", ACTOR)
    scene.maintenance.run_once()
    assert scene.vault_check.problem() is None
    assert scene.metrics.unreadable._value.get() == 0


def test_what_a_stale_list_queued_for_a_removed_endpoint_is_forgotten(scene: Scene) -> None:
    scene.add("parks")
    stale = scene.cache.endpoints(scene.store.webhooks, scene.now)
    scene.service.remove("parks", ACTOR)
    scene.cache._endpoints, scene.cache._read_at = stale, scene.now
    scene.bus.deliver(routed("a"))
    assert len(scene.store.webhooks.by_key) == 1
    scene.maintenance.run_once()
    assert scene.store.webhooks.by_key == {}


def test_the_broker_is_told_of_what_comes_and_goes(scene: Scene) -> None:
    told: list[tuple[str, ...]] = []

    def reconcile(types: Collection[str]) -> bool:
        told.append(tuple(types))
        return False

    desk = EndpointService(
        scene.begin, scene.read, scene.vault, scene.cache, scene.resolve, new_secret, reconcile=reconcile
    )
    desk.add(NewEndpoint("parks", "https://parks.example.org/", Grant((ROUTED, "promise.made.v1"))), ACTOR)
    desk.remove("parks", ACTOR)
    assert told == [(ROUTED, "promise.made.v1")] * 2


def test_disabled_by_an_operator_nobody_is_told(scene: Scene) -> None:
    scene.add("parks", contact="ops@example.org")
    scene.bus.deliver(routed("a"))
    scene.service.disable("parks", ACTOR)
    assert scene.round() == 0
    scene.maintenance.run_once()
    assert scene.mailer.sent == []


def test_what_is_over_is_forgotten_in_time(scene: Scene) -> None:
    scene.add("parks")
    scene.bus.deliver(routed("a"))
    scene.round()
    scene.later(7 * 86400 - 60)
    scene.maintenance.run_once()
    assert scene.deliveries(DeliveryState.DELIVERED)
    scene.later(3600)
    scene.maintenance.run_once()
    assert scene.deliveries(DeliveryState.DELIVERED) == []
    assert scene.store.webhooks.events == {}


def test_what_is_more_than_one_transaction_forgets_goes_with_the_next_runs(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("concord_notification.webhooks.application.maintenance.MAX_DELETED", 1)
    scene.add("parks")
    scene.bus.deliver(routed("a"))
    scene.bus.deliver(routed("b"))
    scene.round()
    scene.later(7 * 86400 + 60)
    left = []
    for _ in range(2):
        scene.maintenance.run_once()
        left.append(len(scene.deliveries(DeliveryState.DELIVERED)))
    assert left == [1, 0]


def test_the_desk_judges_url_and_address(scene: Scene) -> None:
    for url in ("https://inside.example.org/", "http://hooks.example.org/", "https://10.0.0.1/"):
        with pytest.raises(UrlRefused):
            scene.service.add(NewEndpoint("parks", url, Grant((ROUTED,))), ACTOR)
    scene.add("parks")
    with pytest.raises(EndpointNameTaken):
        scene.add("parks")
    with pytest.raises(EndpointNotFound):
        scene.service.disable("water", ACTOR)


def test_a_secret_is_sealed_and_turns_over(scene: Scene) -> None:
    _, first = scene.service.add(NewEndpoint("parks", "https://parks.example.org/", Grant((ROUTED,))), ACTOR)
    _, second, until = scene.service.rotate("parks", ACTOR, timedelta(hours=1))
    endpoint, confidence = scene.service.show("parks")
    assert confidence.live(scene.now) == [second, first]
    assert confidence.live(until) == [second]
    assert "whsec" not in endpoint.sealed
