"""All four services, a mail catcher that notes when each mail was handed over, and their common account."""

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from aiosmtpd.smtp import SMTP, Envelope, Session
from broker import Broker
from stage import Service, Stage

from concord_bus.topology.declarations import SERVICES
from concord_cli.up.reconciliation import Account, Gap, Imported, account_of, gaps
from concord_nodes.mail_catcher import MailCatcher

LOOK_SECONDS = 0.2


class TimedCatcher(MailCatcher):
    """Notes the moment (monotonic) at which it accepted the mail to each address; keeps no mail."""

    def __init__(self) -> None:
        super().__init__()
        self.accepted: dict[str, float] = {}

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        moment = time.monotonic()
        for each in envelope.rcpt_tos:
            self.accepted.setdefault(each, moment)
        return "250 OK"


class Platform:
    """The running services."""

    def __init__(self, on: Stage, broker: Broker, services: dict[str, Service], catcher: TimedCatcher) -> None:
        self.services = services
        self.catcher = catcher
        self._on = on
        self._broker = broker

    @property
    def intake(self) -> Service:
        return self.services["intake"]

    def cpu(self) -> dict[str, float]:
        """CPU seconds so far of each service, broker and database server."""
        return {name: each.cpu for name, each in self.services.items()} | self._on.parts_cpu()

    def account(self, concerns: int) -> Account:
        ledgers = {name: json.loads(each.ledger()) for name, each in self.services.items()}
        queues = (queue for name in SERVICES for queue in (*_queues(name), f"{name}.dead"))
        return account_of(ledgers, sum(map(self._broker.ready, queues)), Imported(concerns, concerns))

    def await_accounted(self, concerns: int, seconds: float) -> tuple[float, Account, list[Gap]]:
        """The moment when nothing is missing any more, or when waiting made no sense; what was missing then."""
        deadline = time.monotonic() + seconds
        while True:
            account = self.account(concerns)
            missing, moment = gaps(account), time.monotonic()
            if not missing or moment > deadline:
                return moment, account, missing
            time.sleep(LOOK_SECONDS)


def _queues(service: str) -> list[str]:
    return [queue.name for queue in SERVICES[service].queues]


@contextmanager
def platform(on: Stage) -> Iterator[Platform]:
    """All four ready on one virtual host."""
    with ExitStack() as running:
        broker = running.enter_context(on.broker())
        catcher = running.enter_context(TimedCatcher())
        services = {
            name: running.enter_context(on.service(name, broker, CONCORD_SMTP_URL=catcher.url)) for name in SERVICES
        }
        for each in services.values():
            each.await_ready()
        yield Platform(on, broker, services, catcher)
