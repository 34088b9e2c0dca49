"""The topology of the broker: exchanges, queues and bindings, and the rights of each service."""

from dataclasses import dataclass

from concord_contracts import messages as m
from concord_contracts.catalogue import CATALOGUE, PRIVATE_EXCHANGE, PUBLIC_EXCHANGE

DEAD_EXCHANGE = "concord.dead"
DEADLY = "concord.deadly"
"""The exchange and the queue of the messages at which the broker's limit of redeliveries ended.

It takes them from subscribers' queues and from the services' own dead-letter queues. Nobody consumes the queue.
"""
PUBLIC_TYPES = tuple(kind.name for kind in CATALOGUE.values() if kind.public)
"""A queue for all public events binds each of these. One binding of `#` makes the broker search more."""
LOG = "concord.log"
LOG_MARKER_EXCHANGE = "concord.log.marker"
"""Leads to the log alone. A message that comes back from it tells that the log is not there."""
MONITOR = "monitor"
"""The read-only login of the ops page."""


@dataclass(frozen=True, slots=True)
class Queue:
    """A queue and the routing keys that reach it from one exchange.

    The topology declares no binding for the types in `at_will`: the service binds and unbinds them at run time.
    """

    name: str
    exchange: str
    keys: tuple[str, ...]
    at_will: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ServiceTopology:
    """The queues of one service. The catalogue gives the types that it may publish."""

    name: str
    queues: tuple[Queue, ...]

    @property
    def dead(self) -> str:
        """Name of the dead-letter queue. The service parks its messages."""
        return f"{self.name}.dead"

    def publishes(self, exchange: str) -> tuple[str, ...]:
        """Return the types that this service publishes to an exchange."""
        return tuple(kind.name for kind in CATALOGUE.values() if kind.owner == self.name and kind.exchange == exchange)


def key_for(kind: str) -> str:
    """Return the routing key that binds all messages of a type."""
    return f"{kind}.#"


def _public(name: str, *types: str) -> Queue:
    return Queue(name, PUBLIC_EXCHANGE, tuple(map(key_for, types or PUBLIC_TYPES)))


def _private(name: str, *types: str) -> Queue:
    return Queue(name, PRIVATE_EXCHANGE, tuple(map(key_for, types)))


ROUTING_OUTCOMES = (m.ConcernRouted.TYPE, m.ConcernUnroutable.TYPE)
CASE_WORK_TYPES = (
    m.ConcernAcknowledged.TYPE,
    m.ConcernUpdated.TYPE,
    m.ConcernReassigned.TYPE,
    m.ConcernReferred.TYPE,
    m.ConcernResolved.TYPE,
    m.ConcernDeclined.TYPE,
    m.ConcernReopened.TYPE,
    m.ConcernClosed.TYPE,
    m.ConcernUnanswered.TYPE,
)
"""Events about the work on a case."""

CASE_TYPES = (*ROUTING_OUTCOMES, *CASE_WORK_TYPES, m.PromiseRenegotiated.TYPE, m.PromiseMissed.TYPE)
"""Events about a case that its reporter or the team's supervisor reads about."""
NOTICE_TYPES = (*CASE_TYPES, m.ConcernAnswered.TYPE, m.PromiseAtRisk.TYPE, m.ConcernWithdrawn.TYPE)
"""Events that cause or affect notices to residents, teams and supervisors."""
WEBHOOK_TYPES = tuple(kind for kind in PUBLIC_TYPES if kind not in NOTICE_TYPES)
"""Events that notification reads for webhooks alone. Each public event reaches it through one queue, so none twice."""
WEBHOOKS = Queue("notification.webhooks", PUBLIC_EXCHANGE, (), at_will=WEBHOOK_TYPES)
"""Notification binds the types of the existing endpoints, so other events cost the broker no write."""

SERVICES: dict[str, ServiceTopology] = {
    service.name: service
    for service in (
        ServiceTopology(
            "intake",
            (
                _private("intake.words", m.WordRecorded.TYPE),
                _private("intake.looks", m.AccessRecorded.TYPE),
                _public("intake.events", *CASE_TYPES),
            ),
        ),
        ServiceTopology(
            "routing",
            (
                _private("routing.submitted", m.ConcernSubmitted.TYPE),
                _private("routing.history", m.HistoryUpdated.TYPE),
                _private("routing.objections", m.ObjectionGiven.TYPE),
                _private("routing.answers", m.AnswerGiven.TYPE),
                _private("routing.contacts", m.ContactRecorded.TYPE),
                _public("routing.events", m.ConcernWithdrawn.TYPE),
            ),
        ),
        ServiceTopology(
            "notification",
            (
                _private("notification.contacts", m.ContactGiven.TYPE),
                _private("notification.words", m.WordGiven.TYPE),
                _public("notification.events", *NOTICE_TYPES),
                WEBHOOKS,
            ),
        ),
        ServiceTopology("metrics", (_public("metrics.events"),)),
    )
}


def bindings_at_will() -> set[tuple[str, str, str]]:
    """Return exchange, queue and routing key of each binding that a service makes at run time."""
    queues = [queue for service in SERVICES.values() for queue in service.queues]
    return {(queue.exchange, queue.name, key_for(kind)) for queue in queues for kind in queue.at_will}


def queues_of(service: str) -> tuple[str, ...]:
    """Return the names of the queues that a service consumes, without its dead-letter queue."""
    return tuple(queue.name for queue in SERVICES[service].queues)
