"""Routing's own metrics: bounded labels, complete from the start, silent when the database is away."""

from prometheus_client import CollectorRegistry, generate_latest
from routing_concerns import AT, CITY, one_of_each_reason, submitted
from tests.memory.bus import MemoryBus
from tests.memory.routing import MemoryStore

from concord_bus.domain.errors import DatabaseUnavailable
from concord_routing.adapters.metrics import CasesCollector
from concord_routing.application.live_rules import fixed
from concord_routing.entrypoints.event_handlers import event_handlers


def exposition(read):
    registry = CollectorRegistry()
    registry.register(CasesCollector(read))
    return generate_latest(registry).decode()


def samples(text):
    return dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))


OUTCOMES = ("routed", "placeholder", "outside", "no_location", "no_rule", "unknown_category")
KINDS = ("missed", "silence", "answered", "unanswered")


def test_every_outcome_is_shown_before_there_is_a_case():
    shown = samples(exposition(MemoryStore().counts))

    wanted = {f'concord_routing_cases_total{{outcome="{each}"}}': "0.0" for each in OUTCOMES}
    escalations = {f'concord_routing_escalations_open{{kind="{each}"}}': "0.0" for each in KINDS}
    assert shown == wanted | escalations | {"concord_routing_tasks_open": "0.0"}


def test_cases_are_counted_by_outcome_and_nothing_else():
    bus = MemoryBus(MemoryStore(), event_handlers(fixed(CITY)), now=lambda: AT)
    bus.deliver(submitted("a"), submitted("b"), submitted("c", category="made-up"), *one_of_each_reason().values())

    shown = samples(exposition(bus.database.store.counts))

    assert shown.pop("concord_routing_tasks_open") == "6.0"
    assert [shown[f'concord_routing_cases_total{{outcome="{each}"}}'] for each in OUTCOMES] == [
        "2.0",
        "1.0",
        "1.0",
        "1.0",
        "1.0",
        "2.0",
    ]
    assert len(shown) == len(OUTCOMES) + len(KINDS)


def test_without_a_database_the_other_metrics_can_still_be_read():
    def away():
        raise DatabaseUnavailable

    assert exposition(away) == ""
