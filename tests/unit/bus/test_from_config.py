"""What services share from the bus: a config entry as a dependency, and the clock."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from concord_bus.extensions import FromConfig
from concord_bus.ports import utc_now


def bound(name: str, config: dict[str, object]) -> FromConfig:
    dependency: FromConfig = FromConfig(name).bind(SimpleNamespace(config=config), "attribute")
    return dependency


def test_a_service_gets_the_object_under_the_name_in_its_config() -> None:
    desk = object()
    assert bound("desk", {"desk": desk, "other": object()}).get_dependency(None) is desk


def test_a_missing_entry_is_an_error() -> None:
    with pytest.raises(KeyError, match="desk"):
        bound("desk", {}).get_dependency(None)


def test_the_clock_is_aware_and_in_utc() -> None:
    before = datetime.now(UTC)
    now = utc_now()
    assert now.tzinfo is UTC
    assert before <= now <= datetime.now(UTC)
