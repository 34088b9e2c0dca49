"""The Prometheus metrics of notices. No label names a person."""

from collections.abc import Callable, Iterator

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from concord_notification.mail.send_result import SendOutcome, SendResult
from concord_notification.notices.domain.delivery import Delivery, Failure, State
from concord_notification.notices.ports import Ledger

SECONDS = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 15.0, 60.0, 300.0, 1800.0, 7200.0, 43200.0)


class NoticeMetrics:
    """Implements `ports.Metrics`."""

    def __init__(self, registry: CollectorRegistry = REGISTRY) -> None:
        def counter(name: str, meaning: str, *labels: str) -> Counter:
            return Counter(f"concord_notification_{name}", meaning, labels, registry=registry)

        self.delivered = counter("delivered", "Notices handed over to the mail server")
        self.failed = counter("failed", "Notices given up", "reason")
        self.deferred = counter("deferred", "Attempts that failed for a passing cause", "cause")
        self.uncertain = counter("uncertain", "Notices whose mail may have gone out at a moment nobody could record")
        self.overtaken = counter("overtaken", "Notices not sent because a later event replaced them")
        self.unreadable = counter("vault_unreadable", "Contacts that no key of the vault opens: alert when it rises")
        self.due_seconds = Histogram(
            "concord_notification_delivery_seconds",
            "Seconds from a notice becoming due to the mail server having it",
            buckets=SECONDS,
            registry=registry,
        )
        for failure in Failure:
            self.failed.labels(failure.value)

    def count_superseded(self, number: int, uncertain: int) -> None:
        self.overtaken.inc(number)
        self.uncertain.inc(uncertain)

    def count_unreadable(self) -> None:
        self.unreadable.inc()

    def count_attempt(self, delivery: Delivery, result: SendResult) -> None:
        if delivery.state is State.DELIVERED and delivery.finished_at:
            self.delivered.inc()
            self.uncertain.inc(delivery.uncertain)
            self.due_seconds.observe((delivery.finished_at - delivery.due_at).total_seconds())
        elif delivery.failure:
            self.failed.labels(delivery.failure.value).inc()
        elif result.outcome is not SendOutcome.NOT_ATTEMPTED:
            self.deferred.labels(result.cause).inc()


class LedgerCollector(Collector):
    """Reads the number of notices by state on each scrape, so that it is right after a restart too."""

    def __init__(self, ledger: Callable[[], Ledger]) -> None:
        self._ledger = ledger

    def collect(self) -> Iterator[GaugeMetricFamily]:
        try:
            ledger = self._ledger()
        except Exception:  # the database is away: the other metrics must still be readable
            return
        states = GaugeMetricFamily("concord_notification_notices", "Notices by state", labels=["state"])
        for state in State:
            states.add_metric([state.value], getattr(ledger, state.value))
        yield states
        yield GaugeMetricFamily("concord_notification_contacts", "Contacts kept in the vault", value=ledger.contacts)
