"""Notification on memory: the real pipeline and rules, a clock that is set by hand, a mailer that keeps its mails."""

import itertools
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet, MultiFernet
from prometheus_client import CollectorRegistry
from tests.memory.bus import MemoryBus
from tests.memory.notification import MemoryStore

from concord_bus.domain.retry import RetryPolicy
from concord_bus.unit_of_work import OpenWork
from concord_city import City, Team
from concord_contracts import Event
from concord_contracts.feedback_links import FeedbackLinks
from concord_contracts.messages import (
    ConcernRouted,
    ConcernUnanswered,
    ConcernUnroutable,
    ConcernWithdrawn,
    ContactGiven,
    PromiseAtRisk,
    PromiseMissed,
    PromiseRenegotiated,
    WordGiven,
)
from concord_contracts.status_links import StatusLinks
from concord_i18n.catalogues import load_catalogues
from concord_notification.mail.message import Mail
from concord_notification.mail.send_result import NOT_ATTEMPTED, SENT, SendOutcome, SendResult
from concord_notification.notices.adapters.metrics import NoticeMetrics
from concord_notification.notices.adapters.resident_links import ResidentLinks
from concord_notification.notices.adapters.team_renderer import TeamMailRenderer
from concord_notification.notices.adapters.template_renderer import TemplateRenderer
from concord_notification.notices.adapters.vault import FernetContactVault
from concord_notification.notices.application.compose_mail import MailComposer
from concord_notification.notices.application.dispatcher import Dispatcher
from concord_notification.notices.application.plan_digests import DigestPlanner
from concord_notification.notices.application.plan_notices import NoticePlanner
from concord_notification.notices.domain.delivery import Delivery
from concord_notification.notices.domain.team_policy import TeamMailbox

sys.path.insert(0, str(Path(__file__).parent))

from notice_events import (
    START,
    at_risk,
    contact_of,
    missed,
    renegotiated,
    routed,
    unanswered,
    unroutable,
    withdrawn,
    word_about,
    worked,
)

CATALOGUES = load_catalogues()
PUBLIC_URL = "https://concerns.example.org"
DESK_URL = "https://desk.example.org"
SUPERVISORS = {"d4": "d4-supervisor@example.org"}
POLICY = RetryPolicy(first_delay=10, factor=4, max_delay=3600, jitter=0, max_attempts=3)


@dataclass
class FakeMailer:
    """Takes every mail, unless `answers` says otherwise for the next ones."""

    sent: list[Mail] = field(default_factory=list)
    answers: list[SendResult] = field(default_factory=list)
    probes: list[SendResult] = field(default_factory=list)
    before: Callable[[], None] = lambda: None

    def send(self, mails: Sequence[Mail], may_begin: Callable[[], bool]) -> list[SendResult]:
        results: list[SendResult] = []
        for mail in mails:
            if not may_begin() or any(each.outcome is SendOutcome.BACK_OFF for each in results):
                results.append(NOT_ATTEMPTED)
                continue
            self.before()
            results.append(self.answers.pop(0) if self.answers else SENT)
            if results[-1] is SENT:
                self.sent.append(mail)
        return results

    def probe(self) -> SendResult:
        return self.probes.pop(0)


class Scene:
    """One notification service in memory."""

    def __init__(self, city: City) -> None:
        self.now = START
        self.teams: dict[str, TeamMailbox] = {}
        self.vault = FernetContactVault(MultiFernet([Fernet(Fernet.generate_key())]))
        self.links = ResidentLinks(FeedbackLinks(["k" * 32]), StatusLinks(["k" * 32]), PUBLIC_URL)
        self.renderer = TemplateRenderer(lambda: city, "Concord <concord@example.org>", self.links, CATALOGUES)
        self.digests = DigestPlanner(self.teams, lambda: city.zone, lambda: self.renderer.language(""))
        self.store = MemoryStore()
        handlers = NoticePlanner(self.vault, self.renderer, SUPERVISORS, self.teams, self.digests).handlers()
        self.bus = MemoryBus(self.store, handlers, lambda: self.now)
        self.mailer = FakeMailer()
        self.metrics = NoticeMetrics(CollectorRegistry())
        self.composer = MailComposer(
            self.vault,
            self.renderer,
            TeamMailRenderer(lambda: city, "Concord <concord@example.org>", DESK_URL, CATALOGUES),
            SUPERVISORS,
            self.teams,
            self.metrics,
            clock=self.clock,
            policy=POLICY,
        )
        self.dispatcher = self.process()

    def process(self) -> Dispatcher:
        """A process that sends; another one is what comes after a crash."""
        return Dispatcher(
            self.begin,
            self.read,
            self.composer,
            self.digests,
            self.mailer,
            self.metrics,
            clock=self.clock,
            policy=POLICY,
            chance=lambda: 0.0,
        )

    def clock(self) -> datetime:
        return self.now

    @contextmanager
    def begin(self) -> Iterator[OpenWork[MemoryStore]]:
        with self.bus.database.begin() as (tx, store):
            work = OpenWork(store, self.now, self.bus.codec)
            yield work
            tx.enqueue(work.outgoing)

    @contextmanager
    def read(self) -> Iterator[MemoryStore]:
        yield self.store

    def deliver(self, *events: Event[Any]) -> None:
        self.bus.deliver(*events)

    def later(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def counted(self, name: str) -> float:
        """The value of one of notification's counters, all labels together."""
        samples = itertools.chain.from_iterable(each.samples for each in getattr(self.metrics, name).collect())
        return sum(each.value for each in samples if each.name.endswith("_total"))

    @property
    def notices(self) -> list[Delivery]:
        return list(self.store.notices.values())

    @property
    def published(self) -> list[Any]:
        return [each.data for each in self.bus.published]


@dataclass(frozen=True)
class Given:
    """Makes events."""

    contact: Callable[..., Event[ContactGiven]] = contact_of
    routed: Callable[..., Event[ConcernRouted]] = routed
    unroutable: Callable[..., Event[ConcernUnroutable]] = unroutable
    worked: Callable[..., Event[Any]] = worked
    renegotiated: Callable[..., Event[PromiseRenegotiated]] = renegotiated
    missed: Callable[..., Event[PromiseMissed]] = missed
    at_risk: Callable[..., Event[PromiseAtRisk]] = at_risk
    unanswered: Callable[..., Event[ConcernUnanswered]] = unanswered
    word: Callable[..., Event[WordGiven]] = word_about
    withdrawn: Callable[..., Event[ConcernWithdrawn]] = withdrawn


@pytest.fixture(scope="session")
def city() -> City:
    return City(
        name="Boston",
        time_zone="America/New_York",
        languages=("en", "es"),
        emergency_number="911",
        areas={},
        categories={},
        teams={"d4": Team("d4", {"en": "District D-4", "es": "Distrito D-4"}, None)},
        rules=(),
    )


@pytest.fixture(scope="session")
def given() -> Given:
    return Given()


@pytest.fixture
def scene(city: City) -> Scene:
    return Scene(city)


@pytest.fixture(scope="session")
def new_scene(city: City) -> Callable[[], Scene]:
    """For property tests, which need a fresh scene for each example."""
    return lambda: Scene(city)
