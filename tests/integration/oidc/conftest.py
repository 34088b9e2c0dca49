"""A provider for the tests of this folder, and a browser."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from oidc_provider import Browser, RunningProvider, install


@pytest.fixture(scope="session")
def modules() -> Path:
    return install()


@pytest.fixture
def provider(modules: Path, request: pytest.FixtureRequest) -> Iterator[RunningProvider]:
    running = RunningProvider(modules, conform=getattr(request, "param", False))
    running.start()
    yield running
    running.stop()


@pytest.fixture
def browser() -> Browser:
    return Browser()
