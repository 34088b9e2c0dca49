"""`Repeat`: calls while the service runs, goes on after errors, and ends with the service."""

from collections.abc import Callable, Iterator
from typing import Any

import eventlet
import pytest
from nameko.containers import ServiceContainer

from concord_bus.domain.errors import DatabaseUnavailable
from concord_bus.extensions.repeat import Repeat


class Service:
    name = "any"
    looking = Repeat("look", 0.01)


class Calls:
    """Counts its calls, and raises the errors that it is given, by the number of the call."""

    def __init__(self, errors: dict[int, Exception] | None = None) -> None:
        self.errors = errors or {}
        self.number = 0

    def __call__(self) -> None:
        self.number += 1
        if self.number in self.errors:
            raise self.errors[self.number]

    def await_(self, number: int) -> None:
        with eventlet.Timeout(10):
            while self.number < number:
                eventlet.sleep(0.01)


@pytest.fixture
def started() -> Iterator[Callable[[Calls], ServiceContainer]]:
    containers: list[ServiceContainer] = []

    def start(calls: Calls) -> ServiceContainer:
        container = ServiceContainer(Service, {"look": calls})
        containers.append(container)
        container.start()
        return container

    yield start
    for container in containers:
        container.stop()


def test_it_calls_at_the_start_and_again_and_again(started: Any) -> None:
    calls = Calls()
    started(calls)
    calls.await_(3)


@pytest.mark.parametrize("error", [DatabaseUnavailable(), ValueError("secret")])
def test_it_goes_on_after_an_error_and_quotes_no_text(started: Any, error: Exception, capfd: Any) -> None:
    calls = Calls({1: error})
    started(calls)
    calls.await_(2)
    assert "secret" not in "".join(capfd.readouterr())


def test_it_ends_with_the_service(started: Any) -> None:
    calls = Calls()
    container = started(calls)
    calls.await_(1)
    with eventlet.Timeout(10):
        container.stop()
        container.wait()
    assert list(container._managed_threads) == []
