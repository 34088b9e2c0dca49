"""What exists on the broker, and which service may do what."""

from dataclasses import dataclass

from concord_contracts.catalogue import CATALOGUE, PRIVATE_EXCHANGE, PUBLIC_EXCHANGE

DEAD_EXCHANGE = "concord.dead"
PUBLIC_TYPES = tuple(each.name for each in CATALOGUE.values() if each.public)
"""Who wants all binds each of these. One binding of `#` would have the broker walk its whole tree for every message."""
LOG = "concord.log"
MONITOR = "monitor"
"""A login for the ops page that may look at the broker and do nothing with it."""


@dataclass(frozen=True, slots=True)
class Queue:
    """A queue and the routing keys that reach it from one exchange.

    Of the types `at_will` its service binds those that somebody asked it for; no binding of theirs is declared.
    """

    name: str
    exchange: str
    keys: tuple[str, ...]
    at_will: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ServiceTopology:
    """The queues of one service. What it may publish follows from the catalogue."""

    name: str
    queues: tuple[Queue, ...]

    @property
    def dead(self) -> str:
        """Where the broker puts what it gave up on; the service parks it."""
        return f"{self.name}.dead"

    def publishes(self, exchange: str) -> tuple[str, ...]:
        """The types this service sends to an exchange."""
        return tuple(each.name for each in CATALOGUE.values() if each.owner == self.name and each.exchange == exchange)


def key_for(kind: str) -> str:
    """The routing key that binds all messages of a type."""
    return f"{kind}.#"


def _public(name: str, *types: str) -> Queue:
    return Queue(name, PUBLIC_EXCHANGE, tuple(map(key_for, types or PUBLIC_TYPES)))


def _private(name: str, *types: str) -> Queue:
    return Queue(name, PRIVATE_EXCHANGE, tuple(map(key_for, types)))


OUTCOMES = ("concern.routed.v1", "concern.unroutable.v1")
WORKED = (
    "concern.acknowledged.v1",
    "concern.updated.v1",
    "concern.reassigned.v1",
    "concern.referred.v1",
    "concern.resolved.v1",
    "concern.declined.v1",
    "concern.reopened.v1",
    "concern.closed.v1",
)
"""What teams do about a case."""

TOLD = (*OUTCOMES, *WORKED, "promise.renegotiated.v1", "promise.missed.v1", "concern.withdrawn.v1")
"""What notification tells residents and supervisors of, or heeds in what it tells."""
NOT_TOLD = tuple(each for each in PUBLIC_TYPES if each not in TOLD)
"""What notification takes for webhooks alone. Webhooks get every public event; each reaches the service by one queue,
so that none comes twice."""
WEBHOOKS = Queue("notification.webhooks", PUBLIC_EXCHANGE, (), at_will=NOT_TOLD)
"""Bound by notification for the endpoints there are: an event that none is granted costs the broker no write."""

SERVICES: dict[str, ServiceTopology] = {
    each.name: each
    for each in (
        ServiceTopology(
            "intake",
            (
                _private("intake.words", "word.recorded.v1"),
                _public("intake.events", *OUTCOMES, *WORKED, "promise.renegotiated.v1", "promise.missed.v1"),
            ),
        ),
        ServiceTopology(
            "routing",
            (
                _private("routing.submitted", "concern.submitted.v1"),
                _private("routing.objections", "objection.given.v1"),
                _public("routing.events", "concern.withdrawn.v1"),
            ),
        ),
        ServiceTopology(
            "notification",
            (
                _private("notification.contacts", "contact.given.v1"),
                _private("notification.words", "word.given.v1"),
                _public("notification.events", *TOLD),
                WEBHOOKS,
            ),
        ),
        ServiceTopology("metrics", (_public("metrics.events"),)),
    )
}


def bound_at_will() -> set[tuple[str, str, str]]:
    """Exchange, queue and routing key of each binding that may be there or not, as a service decides."""
    queues = [queue for service in SERVICES.values() for queue in service.queues]
    return {(queue.exchange, queue.name, key_for(kind)) for queue in queues for kind in queue.at_will}


def queues_of(service: str) -> tuple[str, ...]:
    """Names of the queues a service consumes, without its dead-letter queue."""
    return tuple(queue.name for queue in SERVICES[service].queues)
