"""What services share from the bus: a config entry as a dependency, and the clock."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from nameko.containers import ServiceContainer

from concord_bus.extensions.from_config import FromConfig, Replaceable
from concord_bus.ports import utc_now


class Service:
    name = "any"
    desk = FromConfig("desk")


def given(config: dict[str, object]) -> Any:
    container = ServiceContainer(Service, config)  # the dependency holds it weakly
    (dependency,) = container.dependencies
    return dependency.get_dependency(None)


def test_a_service_gets_the_object_under_the_name_in_its_config() -> None:
    desk = object()
    assert given({"desk": desk, "other": object()}) is desk


def test_a_replaceable_entry_gives_the_object_of_the_moment() -> None:
    source = SimpleNamespace(live=SimpleNamespace(value={"desk": "first"}))
    container = ServiceContainer(Service, {"desk": Replaceable(source, "desk")})
    (dependency,) = container.dependencies
    assert dependency.get_dependency(None) == "first"
    source.live = SimpleNamespace(value={"desk": "second"})
    assert dependency.get_dependency(None) == "second"


def test_a_missing_entry_is_an_error() -> None:
    with pytest.raises(KeyError, match="desk"):
        given({})


def test_the_clock_is_aware_and_in_utc() -> None:
    before = datetime.now(UTC)
    now = utc_now()
    assert now.tzinfo is UTC
    assert before <= now <= datetime.now(UTC)
