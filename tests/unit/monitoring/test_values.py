"""Labels' values that rules and panels ask for are among those that there can be."""

import re
from collections.abc import Iterator

import promql_parser as ast
from deployed import panels, rules
from promql import VARIABLES

from concord_bus.topology.declarations import SERVICES
from concord_notification.notices.domain.delivery import Failure

FAILURES = {each.value for each in Failure}
ANSWERS = {f"{number}xx" for number in range(1, 6)}
QUEUES = {
    queue: name
    for name, service in SERVICES.items()
    for queue in (*(each.name for each in service.queues), service.dead)
}


def expressions() -> Iterator[str]:
    yield from (rule["expr"] for rule in rules())
    yield from (target["expr"] for _, panel in panels() for target in panel["targets"])


def matchers() -> set[tuple[str, str, str]]:
    """Metric, label and value of every matcher."""
    found: set[tuple[str, str, str]] = set()

    def visit(node: object) -> None:
        selector = node.vector_selector if isinstance(node, ast.MatrixSelector) else node
        if isinstance(selector, ast.VectorSelector):
            found.update((selector.name or "", each.name, each.value) for each in selector.matchers.matchers)

    for expression in expressions():
        for name, value in VARIABLES.items():
            expression = expression.replace(name, value)
        ast.walk(ast.parse(expression), pre_visit=visit)
    return found


def asked(label: str, of: str = "") -> set[str]:
    return {value for metric, name, value in matchers() if name == label and metric.startswith(of)}


def test_reasons_and_classes_of_answers_exist():
    assert asked("reason", "concord_notification_failed") <= FAILURES
    assert asked("status") <= ANSWERS
    assert asked("job") == {"concord", "rabbitmq"}


def test_only_the_probe_of_readiness_is_left_out():
    assert asked("route") == {"/readyz"}


def test_every_queue_of_a_service_is_watched_and_counted_for_it():
    patterns = {value for value in asked("queue") if not value.startswith("sub")}
    (pattern,) = patterns
    assert all(re.fullmatch(pattern, queue) for queue in QUEUES)
    assert {queue: queue.split(".")[0] for queue in QUEUES} == QUEUES
    assert not re.fullmatch(pattern, "sub.parks.graffiti")
    assert not re.fullmatch(pattern, "concord.log")
